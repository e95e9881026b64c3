"""What becomes of a frame that no connection takes: each is counted under exactly one of these names."""

ANSWERED = frozenset((
    "arp_requests_answered", "icmp_echo_replies", "icmpv6_echo_replies", "neighbor_solicitations_answered",
    "tcp_segments_refused",
))
"""It did what it was for, and has an answer."""
TAKEN = frozenset((
    "arp_replies_received", "icmp_errors_received", "icmp_redirects_followed", "ip_fragments_completing",
    "ip_fragments_kept", "ipv6_atomic_fragments", "ipv6_fragments_completing", "ipv6_fragments_kept",
    "neighbor_advertisements_received", "neighbor_solicitations_for_tentative", "redirects_followed",
    "router_advertisements_received",
))
"""It did what it was for. Fragments become frames of their own when they are complete."""
DROPPED = frozenset((
    "arp_address_conflicts", "arp_bad_format", "arp_bad_operation", "arp_bad_sender", "arp_not_for_us",
    "arp_truncated", "discovery_bad_code", "discovery_bad_hop_limit", "discovery_bad_link_address",
    "discovery_bad_option_length", "discovery_bad_probe", "discovery_bad_redirect", "discovery_bad_router",
    "discovery_bad_target", "discovery_not_for_hosts", "discovery_truncated", "ethernet_not_for_us",
    "ethernet_truncated", "ethernet_unknown_type", "frame_not_whole", "icmp_checksum_error",
    "icmp_echo_to_group_ignored", "icmp_error_bad_quote", "icmp_error_no_connection", "icmp_error_not_tcp",
    "icmp_error_truncated", "icmp_error_unknown_code", "icmp_ignored", "icmp_redirects_ignored",
    "icmp_source_quench_ignored", "icmp_to_group_ignored", "icmp_truncated", "icmpv6_checksum_error",
    "icmpv6_error_bad_quote", "icmpv6_error_not_tcp", "icmpv6_error_to_group", "icmpv6_error_unknown_code",
    "icmpv6_error_unknown_type", "icmpv6_ignored", "icmpv6_packet_too_big_below_minimum", "icmpv6_truncated",
    "ip_bad_fragment_length", "ip_bad_header_length", "ip_bad_source", "ip_bad_version", "ip_checksum_error",
    "ip_fragment_too_far", "ip_fragments_inconsistent", "ip_fragments_overlapping", "ip_fragments_repeated",
    "ip_fragments_too_many", "ip_group_ignored", "ip_header_truncated", "ip_not_for_us", "ip_reassembled_too_long",
    "ip_truncated", "ip_unknown_protocol", "ipv6_address_conflicts", "ipv6_bad_fragment_length",
    "ipv6_bad_option_length", "ipv6_bad_source", "ipv6_bad_version", "ipv6_empty_fragment",
    "ipv6_extension_header_truncated", "ipv6_fragment_too_far", "ipv6_fragments_inconsistent",
    "ipv6_fragments_overlapping", "ipv6_fragments_repeated", "ipv6_fragments_too_many", "ipv6_group_ignored",
    "ipv6_header_truncated", "ipv6_incomplete_header_chain", "ipv6_misplaced_hop_by_hop", "ipv6_no_next_header",
    "ipv6_not_for_us", "ipv6_reassembled_too_long", "ipv6_routing_header", "ipv6_to_tentative_address",
    "ipv6_too_many_extension_headers", "ipv6_truncated", "ipv6_unknown_next_header", "ipv6_unknown_option",
    "neighbor_solicitations_not_for_us", "redirect_not_from_our_router", "tcp_bad_data_offset",
    "tcp_bad_option_length", "tcp_checksum_error", "tcp_header_truncated", "tcp_listen_overflows",
    "tcp_resets_for_no_connection", "tcp_to_group", "udp_checksum_error", "udp_no_port", "udp_truncated",
))
"""It is gone, and this is why."""
OUTCOMES = ANSWERED | TAKEN | DROPPED
SENT = frozenset((
    "arp_requests_sent", "duplicate_address_probes_sent", "icmp_errors_sent", "neighbor_solicitations_sent",
    "router_solicitations_sent",
))
"""Not of frames that arrive: what was sent unasked."""
