// What is proven of axi_arbiter; included there at its end.
    reg formal_first = 1'b1;
    always @(posedge clk) formal_first <= 1'b0;

    wire [REQUESTERS-1:0] formal_requests, formal_grants;
    generate for (g = 0; g < MASTERS; g = g + 1) begin : formal_requester
        assign formal_requests[2*g]   = s_axi_awvalid[g];
        assign formal_requests[2*g+1] = s_axi_arvalid[g];
        assign formal_grants[2*g]     = s_axi_awvalid[g] && s_axi_awready[g];
        assign formal_grants[2*g+1]   = s_axi_arvalid[g] && s_axi_arready[g];
    end endgenerate

    // ---- masters hold a request until it is accepted; the slave answers only what it was asked
    wire [5:0] formal_open_writes = {5'd0, w_order_valid && order_count == 0} * 6'd32 + {1'b0, order_count};
    always @* begin
        if (formal_first) assume (rst);
        assume (round_robin);
        if (m_axi_bvalid) assume (writes_reg > formal_open_writes);
        if (m_axi_rvalid) assume (reads_reg != 0);
    end
    always @(posedge clk) if (!formal_first && !$past(rst)) begin
        assume ((formal_requests & $past(formal_requests & ~formal_grants)) == $past(formal_requests & ~formal_grants));
    end

    // ---- fairness: while one requester, any, waits, any other one is served at most HOLD_BURSTS times
    (* anyconst *) wire [SEL-1:0] formal_who, formal_other;
    wire formal_compete = SHARED != 0 || formal_who[0] == formal_other[0];
    always @* assume (formal_who < REQUESTERS && formal_other < REQUESTERS && formal_who != formal_other && formal_compete);
    wire formal_waits = formal_requests[formal_who] && !rst;
    wire [SEL-1:0] formal_from = SHARED != 0 || !formal_who[0] ? w_from_reg : r_from_reg;
    wire [15:0]    formal_row  = SHARED != 0 || !formal_who[0] ? w_held_reg : r_held_reg;

    function [SEL:0] formal_distance(input [SEL-1:0] from, input [SEL-1:0] to);   // places in circular order
        formal_distance = to >= from ? {1'b0, to} - {1'b0, from} : REQUESTERS[SEL:0] + {1'b0, to} - {1'b0, from};
    endfunction

    reg [3:0] formal_served;                                // grants to the other while the one waits
    always @(posedge clk) begin
        if (formal_grants[formal_other]) formal_served <= formal_served + 4'd1;
        if (!formal_waits || formal_grants[formal_who]) formal_served <= 4'd0;
    end
    always @(posedge clk) if (!formal_first) begin
        a_turn_in_range: assert (w_from_reg < REQUESTERS && r_from_reg < REQUESTERS);
        a_row_in_range:  assert (w_held_reg < HOLD_BURSTS && r_held_reg < HOLD_BURSTS);
        if (formal_waits && formal_grants[formal_other]) a_served_within_a_round: assert (formal_served < HOLD_BURSTS);
        if (formal_served != 0) a_served_one_comes_later: assert (
            formal_distance(formal_from, formal_other) > formal_distance(formal_from, formal_who)
            || (formal_from == formal_other && formal_served <= formal_row));
        // nobody is kept waiting without need
        if (formal_requests != 0 && room_w && room_r && !m_axi_awvalid && !m_axi_arvalid) a_no_idle_bus: assert (grant_valid);
        // one grant a clock for the whole bus
        if (SHARED != 0) a_one_grant_a_clock: assert ((formal_grants & (formal_grants - 1'b1)) == 0);
        a_grant_goes_to_a_request: assert ((formal_grants & ~formal_requests) == 0);
    end

    // ---- bounds, and write data in the order of grants
    wire                    formal_watching;
    wire [5:0]              formal_ahead;
    wire [MASTER_WIDTH-1:0] formal_master;
    stream_order #(.DATA_WIDTH(MASTER_WIDTH), .COUNT_WIDTH(6)) formal_order (
        .clk(clk), .rst(rst), .in_fire(grant_w), .in_data(w_master), .out_fire(w_end),
        .held(formal_open_writes), .watching(formal_watching), .ahead(formal_ahead), .word(formal_master));

    wire [4:0] formal_place = order_tail_reg + formal_ahead[4:0];
    reg [5:0] formal_reads, formal_writes;                  // granted and not answered
    always @(posedge clk) begin
        formal_reads  <= formal_reads + |(s_axi_arvalid & s_axi_arready) - (m_axi_rvalid && m_axi_rready && m_axi_rlast);
        formal_writes <= formal_writes + |(s_axi_awvalid & s_axi_awready) - (m_axi_bvalid && m_axi_bready);
        if (rst) begin
            formal_reads  <= 0;
            formal_writes <= 0;
        end
    end
    always @(posedge clk) if (!formal_first) begin
        a_outstanding_count: assert (reads_reg == formal_reads && writes_reg == formal_writes);
        a_outstanding_bound: assert ((SHARED != 0 ? {1'b0, writes_reg} + {1'b0, reads_reg} : {1'b0, writes_reg}) <= OUTSTANDING);
        a_reads_bound:       assert (reads_reg <= OUTSTANDING);
        a_open_writes_count: assert (formal_open_writes <= writes_reg);
        if (aw_valid_reg) a_address_waits_for_data: assert (formal_open_writes != 0);
        if (formal_watching) begin
            a_watched_grant_is_open: assert (formal_ahead < formal_open_writes);
            a_watched_grant_is_kept: assert (order[formal_place] == formal_master);
            if (formal_ahead == 0 && m_axi_wvalid) a_data_of_the_granted_master:
                assert (s_axi_wvalid[formal_master] && m_axi_wlast == s_axi_wlast[formal_master]);
            if (formal_ahead == 0) a_ready_to_the_granted_master:
                assert ((s_axi_wready & ~({{(MASTERS-1){1'b0}}, 1'b1} << formal_master)) == 0);
        end
        c_one_then_the_other: cover (formal_waits && formal_served == HOLD_BURSTS && formal_grants[formal_who]);
        c_order: cover (formal_watching && formal_ahead == 0 && w_end);
    end
