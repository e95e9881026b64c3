// What is proven of async_fifo; included there at its end. Both clocks toggle as they like, also together.
    // Resets begin together; each ends when it likes after both sides have had a clock in it, and does not come again.
    reg formal_wr_cleared = 1'b0, formal_rd_cleared = 1'b0;
    reg formal_wr_runs = 1'b0, formal_rd_runs = 1'b0;
    reg  formal_settled = 1'b0;                             // and what they cleared has been still for a moment
    wire formal_cleared = formal_wr_cleared && formal_rd_cleared;
    always @($global_clock) formal_settled <= formal_cleared;
    always @(posedge wr_clk) if (wr_rst) formal_wr_cleared <= 1'b1; else formal_wr_runs <= 1'b1;
    always @(posedge rd_clk) if (rd_rst) formal_rd_cleared <= 1'b1; else formal_rd_runs <= 1'b1;
    always @* begin
        assume (formal_settled || (wr_rst && rd_rst));
        assume (!(formal_wr_runs && wr_rst));
        assume (!(formal_rd_runs && rd_rst));
    end

    function [PTR_WIDTH-1:0] formal_binary(input [PTR_WIDTH-1:0] gray);
        integer i;
        for (i = 0; i < PTR_WIDTH; i = i + 1) formal_binary[i] = ^(gray >> i);
    endfunction

    // ---- pointers: each side's idea of the other's runs behind the truth, and never past it
    (* hierconn *) wire [2*PTR_WIDTH-1:0] \sync_to_rd.chain_reg ;
    (* hierconn *) wire [2*PTR_WIDTH-1:0] \sync_to_wr.chain_reg ;
    wire [PTR_WIDTH-1:0] formal_wr_1 = formal_binary(\sync_to_rd.chain_reg [PTR_WIDTH-1:0]);
    wire [PTR_WIDTH-1:0] formal_wr_2 = formal_binary(\sync_to_rd.chain_reg [2*PTR_WIDTH-1:PTR_WIDTH]);
    wire [PTR_WIDTH-1:0] formal_rd_1 = formal_binary(\sync_to_wr.chain_reg [PTR_WIDTH-1:0]);
    wire [PTR_WIDTH-1:0] formal_rd_2 = formal_binary(\sync_to_wr.chain_reg [2*PTR_WIDTH-1:PTR_WIDTH]);
    wire [PTR_WIDTH-1:0] formal_used   = wr_ptr_reg - rd_ptr_reg;       // in the memory
    wire [PTR_WIDTH-1:0] formal_used_1 = wr_ptr_reg - formal_rd_1;
    wire [PTR_WIDTH-1:0] formal_used_2 = wr_ptr_reg - formal_rd_2;
    wire [PTR_WIDTH-1:0] formal_come_1 = formal_wr_1 - rd_ptr_reg;
    wire [PTR_WIDTH-1:0] formal_come_2 = formal_wr_2 - rd_ptr_reg;

    // ---- one word, chosen freely, on its way
    (* anyseq *) wire    formal_choose;
    reg                  formal_chosen = 1'b0, formal_gone = 1'b0;
    reg [PTR_WIDTH-1:0]  formal_index;
    reg [DATA_WIDTH-1:0] formal_word;
    always @(posedge wr_clk) if (!wr_rst && wr_valid && wr_ready && formal_choose && !formal_chosen) begin
        formal_chosen <= 1'b1;
        formal_index  <= wr_ptr_reg;
        formal_word   <= wr_data;
    end
    wire formal_in_out = out_valid_reg && formal_index == rd_ptr_reg - 1'b1;
    wire formal_watching = formal_chosen && !formal_gone;
    always @(posedge rd_clk) if (rd_valid && rd_ready && formal_watching && formal_in_out) formal_gone <= 1'b1;

    // words that went in and came out, modulo 2 * DEPTH
    reg [PTR_WIDTH-1:0] formal_in = 0, formal_out = 0;
    always @(posedge wr_clk) if (!wr_rst && wr_valid && wr_ready) formal_in <= formal_in + 1'b1;
    always @(posedge rd_clk) if (!rd_rst && rd_valid && rd_ready) formal_out <= formal_out + 1'b1;

    always @* begin
        if (formal_wr_cleared && !formal_wr_runs)
            a_wr_side_clear: assert (wr_ptr_reg == 0 && formal_rd_2 == 0 && (formal_rd_runs || formal_rd_1 == 0) && formal_in == 0);
        if (formal_rd_cleared && !formal_rd_runs)
            a_rd_side_clear: assert (rd_ptr_reg == 0 && formal_wr_2 == 0 && formal_wr_1 == 0 && !out_valid_reg && formal_out == 0);
        if (!formal_wr_cleared) a_nothing_in: assert (formal_in == 0);
        if (!formal_rd_cleared) a_nothing_out: assert (formal_out == 0);
        a_settled_after_cleared: assert (formal_cleared || !formal_settled);
        a_chosen_after_reset: assert (formal_wr_runs || !formal_chosen);
        a_gone_after_chosen:  assert (formal_chosen || !formal_gone);
        a_runs_after_cleared: assert (formal_settled || !(formal_wr_runs || formal_rd_runs));
        if (formal_wr_cleared) a_wr_gray: assert (wr_gray_reg == (wr_ptr_reg ^ (wr_ptr_reg >> 1)));
        if (formal_rd_cleared) a_rd_gray: assert (rd_gray_reg == (rd_ptr_reg ^ (rd_ptr_reg >> 1)));
        if (formal_cleared) begin
            a_no_overflow:      assert (formal_used <= DEPTH);
            a_no_underflow:     assert (formal_come_2 <= formal_come_1 && formal_come_1 <= formal_used);
            a_writer_sees_late: assert (formal_used <= formal_used_1 && formal_used_1 <= formal_used_2 && formal_used_2 <= DEPTH);
            a_wr_count:         assert (wr_count >= formal_used);
            a_rd_count:         assert (rd_count <= formal_used + out_valid_reg);
            a_in_is_written:    assert (formal_in == wr_ptr_reg);
            a_out_is_read:      assert (formal_out == rd_ptr_reg - out_valid_reg);
            if (formal_watching) begin
                a_watched_word_is_inside: assert (formal_in_out || formal_index - rd_ptr_reg < formal_used);
                a_watched_word_is_kept:   assert ((formal_in_out ? out_reg : mem[formal_index[ADDR_WIDTH-1:0]]) == formal_word);
            end
            if (formal_watching && rd_valid && formal_in_out) a_watched_word_comes_in_turn: assert (rd_data == formal_word);
        end
    end

    always @* begin
        c_full:  cover (formal_cleared && formal_used == DEPTH && formal_wr_runs && formal_rd_runs);
        c_taken: cover (formal_gone && formal_index == 2);
    end
