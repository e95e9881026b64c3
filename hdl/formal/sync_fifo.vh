// What is proven of sync_fifo; included there at its end. `formal_first` marks the first clock of a proof, under reset.
    reg formal_first = 1'b1;
    always @(posedge clk) formal_first <= 1'b0;
    always @* if (formal_first) assume (rst);


    (* hierconn *) wire \gate.enable ;                      // of the clock gate inside

    // no overflow, no underflow: the count is what went in less what came out, and never leaves 0..DEPTH
    reg [COUNT_WIDTH:0] formal_in, formal_out;
    wire [COUNT_WIDTH:0] formal_held = formal_in - formal_out;
    always @(posedge clk) begin
        if (wr_valid && wr_ready) formal_in  <= formal_in + 1'b1;
        if (rd_valid && rd_ready) formal_out <= formal_out + 1'b1;
        if (rst) begin
            formal_in  <= 0;
            formal_out <= 0;
        end
    end

    wire                   formal_watching;
    wire [COUNT_WIDTH-1:0] formal_ahead;
    wire [DATA_WIDTH-1:0]  formal_word;
    stream_order #(.DATA_WIDTH(DATA_WIDTH), .COUNT_WIDTH(COUNT_WIDTH)) formal_order (
        .clk(clk), .rst(rst), .in_fire(wr_valid && wr_ready), .in_data(wr_data), .out_fire(rd_valid && rd_ready),
        .held(count), .watching(formal_watching), .ahead(formal_ahead), .word(formal_word));

    wire [ADDR_WIDTH-1:0] formal_in_mem   = count_reg[ADDR_WIDTH-1:0] - out_valid_reg;
    wire [ADDR_WIDTH-1:0] formal_place    = rd_ptr_reg + formal_ahead[ADDR_WIDTH-1:0] - out_valid_reg;
    wire                  formal_in_out   = out_valid_reg && formal_ahead == 0;

    always @(posedge clk) if (!formal_first) begin
        a_count_is_what_is_held: assert (formal_held == {1'b0, count});
        a_never_more_than_depth: assert (count <= DEPTH);
        a_never_read_when_empty: assert (!(rd_valid && count == 0));
        a_full_accepts_nothing:  assert (count != DEPTH || !wr_ready);
        a_pointers_match_count:  assert ((wr_ptr_reg - rd_ptr_reg) % DEPTH == formal_in_mem);
        if (formal_watching) begin
            a_watched_word_is_inside: assert (formal_ahead < count);
            a_watched_word_is_kept:   assert ((formal_in_out ? out_reg : mem[formal_place]) == formal_word);
            if (rd_valid && formal_ahead == 0) a_watched_word_comes_in_turn: assert (rd_data == formal_word);
        end
        if (!$past(formal_first) && !$past(rst)) begin
            if ($past(rd_valid && !rd_ready)) a_word_waits_for_reader: assert (rd_valid && $stable(rd_data));
            if ($past(mem_used)) a_word_is_shown_at_once: assert (rd_valid);
            if ($past(wr_ready) && !$past(wr_valid)) a_stays_ready: assert (wr_ready);
        end
        if (!$past(formal_first) && !$past(\gate.enable ))
            a_gated_clock_changes_nothing: assert ($stable({wr_ptr_reg, rd_ptr_reg, count_reg, out_valid_reg, out_reg}));
    end

    always @(posedge clk) if (!formal_first) begin
        c_full:         cover (count == DEPTH);
        c_through:      cover (formal_watching && formal_ahead == 0 && rd_valid && rd_ready && formal_out == DEPTH);
    end
