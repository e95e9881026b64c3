// What is proven of the gating cell of clock_gate; included there at its end. `enable` follows registers of the same
// clock: it changes only while clk is high.
    reg formal_started = 1'b0, formal_clk, formal_enable, formal_gated;
    always @($global_clock) begin
        formal_started <= 1'b1;
        formal_clk     <= clk;
        formal_enable  <= enable;
        formal_gated   <= gated;
    end
    always @* if (formal_started) begin
        assume (enable == formal_enable || clk);
        a_edge_exactly_when_enabled: assert ((gated && !formal_gated) == (clk && !formal_clk && formal_enable));
        a_falls_only_with_clk:       assert (!(formal_gated && !gated) || (formal_clk && !clk && enable));
        c_pass:  cover (gated && !formal_gated);
        c_block: cover (clk && !formal_clk && gated && formal_gated);
    end
