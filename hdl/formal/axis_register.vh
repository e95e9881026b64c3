// What is proven of axis_register; included there at its end.
    reg formal_first = 1'b1;
    always @(posedge clk) formal_first <= 1'b0;
    always @* if (formal_first) assume (rst);

    wire [1:0]            formal_held = {1'b0, out_valid_reg} + {1'b0, skid_valid_reg};
    wire                  formal_watching;
    wire [1:0]            formal_ahead;
    wire [DATA_WIDTH-1:0] formal_word;
    stream_order #(.DATA_WIDTH(DATA_WIDTH), .COUNT_WIDTH(2)) formal_order (
        .clk(clk), .rst(rst), .in_fire(s_valid && s_ready), .in_data(s_data), .out_fire(m_valid && m_ready),
        .held(formal_held), .watching(formal_watching), .ahead(formal_ahead), .word(formal_word));

    always @(posedge clk) if (!formal_first) begin
        a_second_word_only_behind_first: assert (out_valid_reg || !skid_valid_reg);
        if (formal_watching) begin
            a_watched_word_is_inside: assert (formal_ahead < formal_held);
            a_watched_word_is_kept:   assert ((formal_ahead == 0 ? out_reg : skid_reg) == formal_word);
            if (m_valid && formal_ahead == 0) a_watched_word_comes_in_turn: assert (m_data == formal_word);
        end
        if (!$past(formal_first) && !$past(rst)) begin
            if ($past(m_valid && !m_ready)) a_word_waits_for_reader: assert (m_valid && $stable(m_data));
            if ($past(s_valid && s_ready)) a_word_is_shown_at_once: assert (m_valid);
            if ($past(m_ready)) a_full_rate: assert (s_ready);
        end
        if (!$past(formal_first) && $past(rst)) a_empty_after_reset: assert (!m_valid && s_ready);
    end

    always @(posedge clk) if (!formal_first) c_both_full: cover (formal_held == 2'd2 && formal_watching && formal_ahead == 1);
