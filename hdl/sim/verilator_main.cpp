// Moves the time of the card's simulation under Verilator: makes the clocks of toe_sim and serves the VPI callbacks of
// the program that drives its pins.
//
// Clocks come from here, not from stoppable_clock.v, because Verilator would show an edge to the program only after the
// registers behind it have changed. As on any simulator the program must see an edge while the pins still have the
// values of before, and what it sets must count from the next edge on. Edges fall as in stoppable_clock.v.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "Vtop.h"
#include "verilated.h"
#include "verilated_vpi.h"
#if VM_TRACE_FST
#include "verilated_fst_c.h"
#endif

extern "C" void vlog_startup_routines_bootstrap(void);

namespace {

constexpr uint64_t NEVER = ~0ULL;

// What follows the equals sign of a plusarg; empty when it was not given.
std::string plusArgument(VerilatedContext& context, const std::string& name) {
    const std::string found{context.commandArgsPlusMatch((name + "=").c_str())};
    return found.empty() ? "" : found.substr(name.size() + 2);
}

// A parameter of toe_sim, or what +<name>=<value> says in its place, so that other clocks need no other build.
uint64_t parameter(VerilatedContext& context, const std::string& name) {
    const std::string given = plusArgument(context, name);
    if (!given.empty()) return std::strtoull(given.c_str(), nullptr, 10);
    std::string path = "toe_sim." + name;
    vpiHandle handle = vpi_handle_by_name(&path[0], nullptr);
    if (!handle) vl_fatal(__FILE__, __LINE__, "", path.c_str());
    s_vpi_value value;
    value.format = vpiIntVal;
    vpi_get_value(handle, &value);
    vpi_release_handle(handle);
    return static_cast<uint32_t>(value.value.integer);
}

// A clock on the grid of stoppable_clock.v. To evaluate the design costs the same whatever has changed, so where nothing
// listens to falling edges (`lazy`) they are evaluated along with whatever happens next, or has just happened before.
class Clock {
    CData& m_pin;
    const uint64_t m_periodFs, m_phasePs, m_halfPs;
    const bool m_lazy;
    uint64_t m_n = 0;  // number of the next rising edge, or of the one that was
    uint64_t m_next = NEVER;
    bool m_stopped = true;
    bool m_high = false;  // what the pin is on the grid
    bool m_unseen = false;  // the pin has fallen since the design was last evaluated

    uint64_t edgeTime(uint64_t n) const { return (m_phasePs + n * m_periodFs / 1000) & ~1ULL; }

public:
    Clock(CData& pin, uint64_t periodFs, uint64_t phasePs, bool lazy)
        : m_pin{pin}, m_periodFs{periodFs}, m_phasePs{phasePs}, m_halfPs{periodFs / 4000 * 2}, m_lazy{lazy} {}

    uint64_t next() const { return m_next; }

    // Whether the edge at m_next must be evaluated then.
    bool matters() const { return !m_lazy || !m_high; }

    // Whether the fall before the edge at m_next has to be evaluated first.
    bool unseen() const { return m_unseen; }
    void seen() { m_unseen = false; }

    // Begins again at the first edge of its grid from `now` on; true when that is now.
    bool start(uint64_t now) {
        if (!m_stopped) return false;
        m_stopped = false;
        m_n = now < m_phasePs ? 0 : (now - m_phasePs) * 1000 / m_periodFs;
        while (edgeTime(m_n) < now) ++m_n;
        m_next = edgeTime(m_n);
        return m_next == now;
    }

    // Makes the edge that is due; after a falling one the clock stops unless it may run on.
    void toggle(bool run) {
        m_high = !m_high;
        if (m_high) {
            m_pin = 1;
            m_next += m_halfPs;
            return;
        }
        m_unseen = m_unseen || m_pin;
        m_pin = 0;
        ++m_n;
        m_stopped = !run;
        m_next = run ? edgeTime(m_n) : NEVER;
    }

    // The design is about to be evaluated for another reason.
    void fallEarly(uint64_t now) {
        if (m_lazy && m_high && m_next > now) m_pin = 0;
    }
};

#if VM_TRACE_FST
// The waveform, as toe_sim.v makes it elsewhere: +waves=<path> [+waves_from=<ps> +waves_to=<ps>]
class Waves {
    VerilatedFstC m_file;
    const std::string m_path;
    uint64_t m_from = 0, m_to = NEVER;
    bool m_done = true;

public:
    Waves(VerilatedContext& context, Vtop& top)
        : m_path{plusArgument(context, "waves")} {
        if (m_path.empty()) return;
        const std::string from = plusArgument(context, "waves_from"), to = plusArgument(context, "waves_to");
        if (!from.empty()) m_from = std::strtoull(from.c_str(), nullptr, 10);
        if (!to.empty()) m_to = std::strtoull(to.c_str(), nullptr, 10);
        context.traceEverOn(true);
        top.trace(&m_file, 99);
        m_done = false;
    }

    bool wanted() const { return !m_path.empty(); }

    void dump(uint64_t now) {
        if (m_done || now < m_from) return;
        if (!m_file.isOpen()) m_file.open(m_path.c_str());
        m_file.dump(now);
        if (now >= m_to) close();
    }

    void close() {
        if (m_file.isOpen()) m_file.close();
        m_done = true;
    }
};
#else
class Waves {
public:
    Waves(VerilatedContext&, Vtop&) {}
    bool wanted() const { return false; }
    void dump(uint64_t) {}
    void close() {}
};
#endif

void callValueCallbacks() {
    while (VerilatedVpi::callValueCbs()) {}
}

// Evaluates until neither the design nor the program changes anything.
void settle(Vtop& top) {
    do {
        do {
            top.eval_step();
            VerilatedVpi::clearEvalNeeded();
            VerilatedVpi::doInertialPuts();
            callValueCallbacks();
        } while (VerilatedVpi::evalNeeded());
        if (VerilatedVpi::hasCbs(cbReadWriteSynch)) VerilatedVpi::callCbs(cbReadWriteSynch);
        VerilatedVpi::doInertialPuts();
        callValueCallbacks();
    } while (VerilatedVpi::evalNeeded());
}

}  // namespace

int main(int argc, char** argv) {
    VerilatedContext& context = *Verilated::threadContextp();
    Verilated::commandArgs(argc, argv);
    const std::unique_ptr<Vtop> owner{new Vtop{&context, ""}};
    Vtop& top = *owner;
    Waves waves{context, top};
    Verilated::fatalOnVpiError(false);  // the program may ask for what is not there

    const bool lazy = !waves.wanted();
    Clock clocks[] = {
        {top.clk, parameter(context, "CLK_PERIOD_FS"), 0, false},
        {top.gmii_tx_clk, parameter(context, "GMII_TX_PERIOD_FS"), parameter(context, "GMII_TX_PHASE_PS"), lazy},
        {top.gmii_rx_clk, parameter(context, "GMII_RX_PERIOD_FS"), parameter(context, "GMII_RX_PHASE_PS"), lazy},
    };
    const auto evaluate = [&] {
        settle(top);
        for (Clock& clock : clocks) clock.seen();
    };

    vlog_startup_routines_bootstrap();
    VerilatedVpi::callCbs(cbStartOfSimulation);
    callValueCallbacks();

    uint64_t now = 0;
    while (!context.gotFinish()) {
        evaluate();
        if (top.clocks_run) {
            bool edge = false;
            for (Clock& clock : clocks)
                if (clock.start(now)) {
                    clock.toggle(true);
                    edge = true;
                }
            if (edge) {
                callValueCallbacks();
                evaluate();
            }
        }
        top.eval_end_step();
        waves.dump(now);
        if (VerilatedVpi::hasCbs(cbReadOnlySynch)) VerilatedVpi::callCbs(cbReadOnlySynch);

        const uint64_t nextOfOthers
            = std::min<uint64_t>(VerilatedVpi::cbNextDeadline(), top.eventsPending() ? top.nextTimeSlot() : NEVER);
        bool matters = false;
        do {  // through falling edges that nobody needs to see now
            now = nextOfOthers;
            for (const Clock& clock : clocks) now = std::min(now, clock.next());
            if (now == NEVER) break;
            matters = now == nextOfOthers;
            for (const Clock& clock : clocks) matters = matters || (clock.next() == now && clock.matters());
            if (!matters)
                for (Clock& clock : clocks)
                    if (clock.next() == now) clock.toggle(top.clocks_run);
        } while (!matters);
        if (now == NEVER) break;
        context.time(now);

        for (const Clock& clock : clocks)
            if (clock.next() == now && clock.unseen()) {
                evaluate();
                break;
            }
        if (VerilatedVpi::hasCbs(cbNextSimTime)) {
            VerilatedVpi::callCbs(cbNextSimTime);
            callValueCallbacks();
        }
        const bool run = top.clocks_run;
        VerilatedVpi::callTimedCbs();
        for (Clock& clock : clocks)
            if (clock.next() == now) clock.toggle(run);
            else clock.fallEarly(now);
        callValueCallbacks();
    }

    top.final();
    waves.close();
    VerilatedVpi::callCbs(cbEndOfSimulation);
    return context.errorCount() > 0;
}
