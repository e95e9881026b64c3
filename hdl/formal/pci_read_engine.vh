// What is proven of pci_read_engine's tags and ring of slots; included there at its end. The data memories are left out
// of the proof: it says which completions are taken, not what they carry.
    reg formal_first = 1'b1;
    always @(posedge clk) formal_first <= 1'b0;
    always @* begin
        if (formal_first) assume (rst && power_on_rst);
        if (power_on_rst) assume (rst);
        assume (!renew_tags);                               // between function-level resets
        if (cpl_completed) assume (cpl_last);               // the deframer marks a request's end at a TLP's end
        assume (s_axi_arlen < 64 && s_axi_araddr[2:0] == 0 && s_axi_arsize == 3);
    end
    always @(posedge clk) if (!formal_first && !$past(rst)) begin
        if ($past(s_axi_arvalid && !s_axi_arready)) assume (s_axi_arvalid && $stable(s_axi_araddr) && $stable(s_axi_arlen));
    end

    // ---- one tag, any: whether a request with it is under way, as the PCIe block sees it
    (* anyconst *) wire [4:0] formal_tag;
    wire [SLOT_BITS-1:0] formal_slot = formal_tag[SLOT_BITS-1:0];
    wire [GEN_BITS-1:0]  formal_gen  = slot_gen_reg[formal_slot*GEN_BITS +: GEN_BITS];
    wire formal_asked    = req_valid && req_ready && req_tag == {3'd0, formal_tag};
    wire formal_answered = cpl_valid && cpl_last && cpl_final && cpl_tag == {3'd0, formal_tag} && cpl_expected;
    wire formal_timeout  = formal_gen == formal_tag[4:SLOT_BITS]
        && (oldest_waits && expired && tail_reg == formal_slot || discard && slot_waiting_reg[formal_slot]);
    reg  formal_open;
    always @(posedge clk) begin
        if (formal_answered || formal_timeout) formal_open <= 1'b0;
        else if (formal_asked) formal_open <= 1'b1;
        if (rst) formal_open <= 1'b0;
    end

    // the slot is part of the ring's used part
    wire [SLOT_BITS-1:0] formal_age   = formal_slot - tail_reg;
    wire                 formal_used  = {1'b0, formal_age} < used_reg;
    wire [SLOT_BITS-1:0] formal_next  = formal_age + 1'b1;
    wire [SLOT_BITS:0]   formal_ring  = {1'b0, head_reg - tail_reg};
    wire                 formal_going = req_valid && req_tag[SLOT_BITS-1:0] == formal_slot;     // not yet taken by the framer

    always @(posedge clk) if (!formal_first) begin
        a_ring_count:        assert (used_reg <= TAGS && (used_reg == formal_ring || (used_reg == TAGS && formal_ring == 0)));
        if (formal_asked) a_tag_is_free_when_used: assert (!formal_open && !slot_waiting_reg[formal_slot]);
        if (slot_waiting_reg[formal_slot] || slot_done_reg[formal_slot] || formal_going) a_slot_is_in_the_ring: assert (formal_used);
        a_waiting_or_done:   assert (!(slot_waiting_reg[formal_slot] && slot_done_reg[formal_slot]));
        if (formal_going) a_nothing_before_asked: assert (!slot_waiting_reg[formal_slot] && !slot_done_reg[formal_slot]
            && used_reg != 0 && req_tag[SLOT_BITS-1:0] == head_reg - 1'b1 && req_tag[7:5] == 0
            && req_tag[4:SLOT_BITS] == formal_gen);
        if (formal_used && !formal_going) a_slot_has_a_state: assert (slot_waiting_reg[formal_slot] || slot_done_reg[formal_slot]);
        a_open_is_waiting:   assert (formal_open == (slot_waiting_reg[formal_slot] && formal_gen == formal_tag[4:SLOT_BITS]));
        if (cpl_write && cpl_tag[4:0] == formal_tag) a_only_open_requests_take_data: assert (formal_open && cpl_tag[7:5] == 0);
        if (!$past(formal_first) && !$past(rst) && $past(slot_waiting_reg[formal_slot]) && slot_done_reg[formal_slot]
            && formal_gen == formal_tag[4:SLOT_BITS])
            a_done_by_its_own_answer: assert ($past(formal_answered || formal_timeout));
        if (release_slot) a_only_done_slots_leave: assert (slot_done_reg[tail_reg]);
    end

    always @(posedge clk) if (!formal_first) begin
        c_full:   cover (used_reg == TAGS);
        c_second: cover (formal_asked && $past(slot_gen_reg[0 +: GEN_BITS]) == 1 && formal_slot == 0 && !rst);
    end
