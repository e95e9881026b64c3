// What is proven of pci_order_gate; included there at its end.
    reg formal_first = 1'b1;
    always @(posedge clk) formal_first <= 1'b0;

    // counts only rise, by at most 3 a clock, and what follows is never far behind what leads
    wire [COUNT_WIDTH-1:0] formal_bursts = bursts_taken - bursts_issued;
    wire [COUNT_WIDTH-1:0] formal_tlps   = tlps_issued - tlps_reported;
    always @* begin
        if (formal_first) assume (rst);
        assume (formal_bursts <= 100 && formal_tlps <= 100);
    end
    reg [COUNT_WIDTH-1:0] formal_were_taken, formal_were_issued, formal_were_sent, formal_were_reported;
    wire [COUNT_WIDTH-1:0] formal_taken    = bursts_taken - formal_were_taken;
    wire [COUNT_WIDTH-1:0] formal_issued   = bursts_issued - formal_were_issued;
    wire [COUNT_WIDTH-1:0] formal_sent     = tlps_issued - formal_were_sent;
    wire [COUNT_WIDTH-1:0] formal_reported = tlps_reported - formal_were_reported;
    always @(posedge clk) begin
        formal_were_taken    <= bursts_taken;
        formal_were_issued   <= bursts_issued;
        formal_were_sent     <= tlps_issued;
        formal_were_reported <= tlps_reported;
    end
    always @* if (!formal_first)
        assume (formal_taken <= 3 && formal_issued <= 3 && formal_sent <= 3 && formal_reported <= 3);

    // what was posted before `want` rose: bursts not yet issued, then the TLPs of all these not yet reported
    reg                    formal_wanted, formal_bursts_gone, formal_tlps_gone;
    reg  [COUNT_WIDTH-1:0] formal_burst_mark, formal_tlp_mark;
    wire [COUNT_WIDTH-1:0] formal_now_mark = formal_wanted ? formal_burst_mark : bursts_taken;
    wire [COUNT_WIDTH-1:0] formal_burst_over = bursts_issued - formal_now_mark;
    wire                   formal_bursts_now = (formal_wanted && formal_bursts_gone) || !formal_burst_over[COUNT_WIDTH-1];
    wire [COUNT_WIDTH-1:0] formal_now_tlp = formal_wanted && formal_bursts_gone ? formal_tlp_mark : tlps_issued;
    wire [COUNT_WIDTH-1:0] formal_tlp_over = tlps_reported - formal_now_tlp;
    wire                   formal_tlps_now = (formal_wanted && formal_tlps_gone) || (formal_bursts_now && !formal_tlp_over[COUNT_WIDTH-1]);
    always @(posedge clk) begin
        formal_wanted      <= want && !rst;
        formal_burst_mark  <= formal_now_mark;
        formal_tlp_mark    <= formal_now_tlp;
        formal_bursts_gone <= formal_bursts_now;
        formal_tlps_gone   <= formal_tlps_now;
    end

    wire [COUNT_WIDTH-1:0] formal_behind = target_reg - formal_burst_mark;
    wire [COUNT_WIDTH-1:0] formal_late   = target_reg - formal_tlp_mark;
    wire [COUNT_WIDTH-1:0] formal_since  = tlps_issued - formal_tlp_mark;
    wire [COUNT_WIDTH-1:0] formal_before = formal_burst_mark - bursts_issued;
    wire [COUNT_WIDTH-1:0] formal_to_report = formal_tlp_mark - tlps_reported;
    (* hierconn *) wire \gate.enable ;

    always @(posedge clk) if (!formal_first) begin
        if (clear) a_clear_means_all_gone: assert (formal_wanted && formal_bursts_gone && formal_tlps_gone);
        a_state_follows_want: assert (formal_wanted == (state_reg != STATE_IDLE));
        if (state_reg == STATE_BURSTS) begin
            a_burst_mark_kept: assert (formal_behind == 0);
            if (!formal_bursts_now) a_burst_mark_near: assert (formal_before <= 100);
            if (formal_bursts_gone) a_tlp_mark_is_new: assert (formal_since <= 3 && formal_burst_over <= 3);
            if (!formal_tlps_now) a_tlp_mark_ahead: assert (!formal_bursts_gone || formal_to_report <= 100);
        end
        if (state_reg == STATE_TLPS) begin
            a_bursts_gone_first: assert (formal_bursts_gone);
            if (!formal_tlps_now) a_tlp_mark_near: assert (formal_late <= 3 && formal_to_report <= 100);
        end
        if (state_reg == STATE_CLEAR) a_clear_state: assert (formal_bursts_gone && formal_tlps_gone);
        if (!$past(formal_first) && !$past(\gate.enable )) a_gated_clock_keeps_state: assert ($stable(state_reg));
    end

    always @(posedge clk) if (!formal_first) c_waits_then_clear:
        cover (clear && $past(state_reg == STATE_TLPS, 2) && formal_burst_mark == 3);
