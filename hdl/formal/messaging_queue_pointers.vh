// What is proven of messaging_queue_pointers; included there at its end.
    reg formal_first = 1'b1;
    always @(posedge clk) formal_first <= 1'b0;

    // 4 Ki to 64 Ki entries; a pointer moved by the firmware in the same clock is not moved by the hardware
    always @* begin
        if (formal_first) assume (rst);
        assume (mask == 18'h03FFF || mask == 18'h07FFF || mask == 18'h0FFFF || mask == 18'h1FFFF || mask == 18'h3FFFF);
        assume (!(head_advance && (full || head_write)));
        assume (!(tail_advance && (empty || tail_write)));
    end
    always @(posedge clk) if (!formal_first) assume ($stable(mask));

    // entries in the queue, counted; the firmware may make any number of it
    wire [15:0] formal_last = mask[17:2];                   // entries that it can hold
    reg  [15:0] formal_held;
    wire [19:0] formal_distance = head - tail;
    reg         formal_moved;
    always @(posedge clk) begin
        formal_moved <= head_write || tail_write;
        if (formal_moved) formal_held <= formal_distance[17:2] & formal_last;
        if (formal_moved ? head_advance != tail_advance : 1'b1)
            formal_held <= (formal_moved ? formal_distance[17:2] & formal_last : formal_held) + head_advance - tail_advance;
        if (rst) begin
            formal_held  <= 0;
            formal_moved <= 1'b0;
        end
    end
    wire [15:0] formal_entries = formal_moved ? formal_distance[17:2] & formal_last : formal_held;

    wire [20:0] formal_low = (PLACE[0] ? {3'd0, mask} + 21'd1 : 21'd0) + (PLACE[1] ? {2'd0, mask, 1'b0} + 21'd2 : 21'd0);
    (* hierconn *) wire \gate.enable ;

    always @(posedge clk) if (!formal_first) begin
        a_entries_bound:      assert (formal_entries <= formal_last);
        a_empty_means_none:   assert (empty == (formal_entries == 0));
        a_full_means_full:    assert (full == (formal_entries == formal_last));
        a_last_free_means_1:  assert (last_free == (formal_entries == formal_last - 16'd1));
        a_pointers_follow:    assert ((formal_distance[17:2] & formal_last) == formal_entries);
        a_head_inside:        assert (head >= formal_low && head <= formal_low + mask && head[1:0] == 0);
        a_tail_inside:        assert (tail >= formal_low && tail <= formal_low + mask && tail[1:0] == 0);
        if (!$past(formal_first) && !$past(\gate.enable )) a_gated_clock_changes_nothing: assert ($stable({head, tail}));
    end

    always @(posedge clk) if (!formal_first) begin
        c_wraps: cover ($past(head_advance) && head == formal_low && formal_entries != 0 && !formal_moved);
        c_full:  cover (full && !formal_moved);
    end
