/* What lwIP keeps in structures and macros, for callers that know only its functions; and lwIP's clock.
 *
 * Compiled against the headers of the installed library, so that the layouts are the library's own. Nothing in here
 * calls lwIP: any number of copies of the library may be loaded beside it.
 */
#include <string.h>

#include "lwip/etharp.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"

static u32_t milliseconds;

/* Takes the place of the library's own, which reads the machine's clock. */
u32_t sys_now(void) { return milliseconds; }

void simulated_time(u32_t now) { milliseconds = now; }

unsigned netif_bytes(void) { return sizeof(struct netif); }

unsigned address_bytes(void) { return sizeof(ip_addr_t); }

/* Called from the initialization function that netif_add() takes. */
void netif_describe(struct netif *netif, const u8_t *mac, u16_t mtu, netif_output_fn output,
                    netif_output_ip6_fn output_ip6, netif_linkoutput_fn linkoutput, int ipv6)
{
    memcpy(netif->hwaddr, mac, ETH_HWADDR_LEN);
    netif->hwaddr_len = ETH_HWADDR_LEN;
    netif->mtu = mtu;
    netif->mtu6 = mtu;
    netif->name[0] = 'h';
    netif->name[1] = 't';
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    if (ipv6)
        netif->flags |= NETIF_FLAG_MLD6; /* to hear neighbour solicitations */
    netif->output = output;
    netif->output_ip6 = output_ip6;
    netif->linkoutput = linkoutput;
    netif->ip6_autoconfig_enabled = 0;
    netif->rs_count = 0;
}

const ip6_addr_t *address6_of(const ip_addr_t *address) { return ip_2_ip6(address); }

void any_address(ip_addr_t *address)
{
    memset(address, 0, sizeof *address);
    IP_SET_TYPE(address, IPADDR_TYPE_ANY);
}

const void *pbuf_bytes(const struct pbuf *p) { return p->payload; }
unsigned pbuf_bytes_here(const struct pbuf *p) { return p->len; }
unsigned pbuf_bytes_in_all(const struct pbuf *p) { return p->tot_len; }

unsigned tcp_room(const struct tcp_pcb *pcb) { return tcp_sndbuf(pcb); }
unsigned tcp_segments_queued(const struct tcp_pcb *pcb) { return tcp_sndqueuelen(pcb); }
unsigned tcp_most_segments(void) { return TCP_SND_QUEUELEN; }
unsigned tcp_port_here(const struct tcp_pcb *pcb) { return pcb->local_port; }
unsigned tcp_port_there(const struct tcp_pcb *pcb) { return pcb->remote_port; }
const ip_addr_t *tcp_address_here(const struct tcp_pcb *pcb) { return &pcb->local_ip; }
const ip_addr_t *tcp_address_there(const struct tcp_pcb *pcb) { return &pcb->remote_ip; }
void tcp_no_nagle(struct tcp_pcb *pcb, int on)
{
    if (on)
        tcp_nagle_disable(pcb);
    else
        tcp_nagle_enable(pcb);
}
