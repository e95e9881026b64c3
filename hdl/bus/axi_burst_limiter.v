// Bounds the bursts of one AXI4 master: longer ones are split, so that no grant of an arbiter behind it is longer.
//
// Bursts within the limit pass without a clock of delay. A longer one waits until the master's earlier ones of the same
// direction are over and keeps its later ones back; its pieces follow each other, and the master sees one burst: RLAST
// and the response with the last piece, an error if any piece had one.
`default_nettype none
module axi_burst_limiter #(
    parameter ID_WIDTH  = 4,
    parameter MAX_BEATS = 64                // 1..256
) (
    input  wire                clk,
    input  wire                rst,

    input  wire [ID_WIDTH-1:0] s_axi_awid,
    input  wire [64-1:0]       s_axi_awaddr,
    input  wire [8-1:0]        s_axi_awlen,
    input  wire [3-1:0]        s_axi_awsize,
    input  wire [2-1:0]        s_axi_awburst,
    input  wire                s_axi_awvalid,
    output wire                s_axi_awready,
    input  wire [64-1:0]       s_axi_wdata,
    input  wire [8-1:0]        s_axi_wstrb,
    input  wire                s_axi_wlast,
    input  wire                s_axi_wvalid,
    output wire                s_axi_wready,
    output wire [ID_WIDTH-1:0] s_axi_bid,
    output wire [2-1:0]        s_axi_bresp,
    output wire                s_axi_bvalid,
    input  wire                s_axi_bready,
    input  wire [ID_WIDTH-1:0] s_axi_arid,
    input  wire [64-1:0]       s_axi_araddr,
    input  wire [8-1:0]        s_axi_arlen,
    input  wire [3-1:0]        s_axi_arsize,
    input  wire [2-1:0]        s_axi_arburst,
    input  wire                s_axi_arvalid,
    output wire                s_axi_arready,
    output wire [ID_WIDTH-1:0] s_axi_rid,
    output wire [64-1:0]       s_axi_rdata,
    output wire [2-1:0]        s_axi_rresp,
    output wire                s_axi_rlast,
    output wire                s_axi_rvalid,
    input  wire                s_axi_rready,

    output wire [ID_WIDTH-1:0] m_axi_awid,
    output wire [64-1:0]       m_axi_awaddr,
    output wire [8-1:0]        m_axi_awlen,
    output wire [3-1:0]        m_axi_awsize,
    output wire [2-1:0]        m_axi_awburst,
    output wire                m_axi_awvalid,
    input  wire                m_axi_awready,
    output wire [64-1:0]       m_axi_wdata,
    output wire [8-1:0]        m_axi_wstrb,
    output wire                m_axi_wlast,
    output wire                m_axi_wvalid,
    input  wire                m_axi_wready,
    input  wire [ID_WIDTH-1:0] m_axi_bid,
    input  wire [2-1:0]        m_axi_bresp,
    input  wire                m_axi_bvalid,
    output wire                m_axi_bready,
    output wire [ID_WIDTH-1:0] m_axi_arid,
    output wire [64-1:0]       m_axi_araddr,
    output wire [8-1:0]        m_axi_arlen,
    output wire [3-1:0]        m_axi_arsize,
    output wire [2-1:0]        m_axi_arburst,
    output wire                m_axi_arvalid,
    input  wire                m_axi_arready,
    input  wire [ID_WIDTH-1:0] m_axi_rid,
    input  wire [64-1:0]       m_axi_rdata,
    input  wire [2-1:0]        m_axi_rresp,
    input  wire                m_axi_rlast,
    input  wire                m_axi_rvalid,
    output wire                m_axi_rready,

    output wire                busy
);
    // nothing in here changes without one of these
    wire clk_gated;
    clock_gate gate (
        .clk(clk),
        .enable(rst || s_axi_awvalid || s_axi_arvalid || aw_valid_reg || ar_valid_reg || m_axi_wvalid || m_axi_bvalid
            || m_axi_rvalid),
        .gated(clk_gated)
    );

    localparam [8:0] MAX = MAX_BEATS[8:0];

    initial if (MAX_BEATS < 1 || MAX_BEATS > 256) begin
        $display("ERROR: axi_burst_limiter MAX_BEATS must be 1..256 (%m)");
        $finish;
    end

    // where the next piece begins: INCR, aligned to the beat's size from the second beat on
    function [63:0] beyond(input [63:0] addr, input [2:0] size);
        beyond = ((addr >> size) + {55'd0, MAX}) << size;
    endfunction

    // ---- reads ---------------------------------------------------------------------------------------------
    reg                r_split_reg;         // a long burst is under way
    reg                ar_valid_reg;        // its next piece is due
    reg [63:0]         ar_addr_reg;
    reg [8:0]          ar_left_reg;         // beats not yet asked for
    reg [2:0]          ar_size_reg;
    reg [ID_WIDTH-1:0] ar_id_reg;
    reg [8:0]          r_open_reg;          // bursts at the slave

    wire ar_long  = {1'b0, s_axi_arlen} >= MAX;
    wire ar_pass  = !r_split_reg && !ar_long;
    wire ar_begin = s_axi_arvalid && !r_split_reg && ar_long && r_open_reg == 9'd0;
    wire ar_final = ar_left_reg <= MAX;
    wire [8:0] ar_piece = (ar_final ? ar_left_reg : MAX) - 9'd1;
    wire ar_fire  = m_axi_arvalid && m_axi_arready;
    wire r_end    = m_axi_rvalid && m_axi_rready && m_axi_rlast;
    wire r_final  = !r_split_reg || (!ar_valid_reg && r_open_reg == 9'd1);

    assign m_axi_arvalid = ar_pass ? s_axi_arvalid : ar_valid_reg;
    assign m_axi_arid    = ar_pass ? s_axi_arid : ar_id_reg;
    assign m_axi_araddr  = ar_pass ? s_axi_araddr : ar_addr_reg;
    assign m_axi_arlen   = ar_pass ? s_axi_arlen : ar_piece[7:0];
    assign m_axi_arsize  = ar_pass ? s_axi_arsize : ar_size_reg;
    assign m_axi_arburst = ar_pass ? s_axi_arburst : 2'b01;
    assign s_axi_arready = ar_pass ? m_axi_arready : ar_begin;
    assign s_axi_rid     = m_axi_rid;
    assign s_axi_rdata   = m_axi_rdata;
    assign s_axi_rresp   = m_axi_rresp;
    assign s_axi_rlast   = m_axi_rlast && r_final;
    assign s_axi_rvalid  = m_axi_rvalid;
    assign m_axi_rready  = s_axi_rready;

    // ---- writes ----------------------------------------------------------------------------------------------
    reg                w_split_reg;
    reg                aw_valid_reg;
    reg [63:0]         aw_addr_reg;
    reg [8:0]          aw_left_reg;
    reg [2:0]          aw_size_reg;
    reg [ID_WIDTH-1:0] aw_id_reg;
    reg [8:0]          w_open_reg;          // bursts without response
    reg [8:0]          w_owed_reg;          // pieces at the slave whose data are not complete
    reg [8:0]          w_beat_reg;          // beats of the piece so far
    reg [1:0]          b_resp_reg;          // of the pieces so far

    wire aw_long  = {1'b0, s_axi_awlen} >= MAX;
    wire aw_pass  = !w_split_reg && !aw_long;
    wire aw_begin = s_axi_awvalid && !w_split_reg && aw_long && w_open_reg == 9'd0;
    wire aw_final = aw_left_reg <= MAX;
    wire [8:0] aw_piece = (aw_final ? aw_left_reg : MAX) - 9'd1;
    wire aw_fire  = m_axi_awvalid && m_axi_awready;
    wire w_pass   = !w_split_reg || w_owed_reg != 9'd0;
    wire w_cut    = w_split_reg && w_beat_reg + 9'd1 == MAX;
    wire w_fire   = m_axi_wvalid && m_axi_wready;
    wire b_fire   = m_axi_bvalid && m_axi_bready;
    wire b_final  = !w_split_reg || (!aw_valid_reg && w_open_reg == 9'd1);

    assign m_axi_awvalid = aw_pass ? s_axi_awvalid : aw_valid_reg;
    assign m_axi_awid    = aw_pass ? s_axi_awid : aw_id_reg;
    assign m_axi_awaddr  = aw_pass ? s_axi_awaddr : aw_addr_reg;
    assign m_axi_awlen   = aw_pass ? s_axi_awlen : aw_piece[7:0];
    assign m_axi_awsize  = aw_pass ? s_axi_awsize : aw_size_reg;
    assign m_axi_awburst = aw_pass ? s_axi_awburst : 2'b01;
    assign s_axi_awready = aw_pass ? m_axi_awready : aw_begin;
    assign m_axi_wvalid  = s_axi_wvalid && w_pass;
    assign m_axi_wdata   = s_axi_wdata;
    assign m_axi_wstrb   = s_axi_wstrb;
    assign m_axi_wlast   = s_axi_wlast || w_cut;
    assign s_axi_wready  = m_axi_wready && w_pass;
    assign s_axi_bid     = m_axi_bid;
    assign s_axi_bresp   = m_axi_bresp | b_resp_reg;
    assign s_axi_bvalid  = m_axi_bvalid && b_final;
    assign m_axi_bready  = s_axi_bready || !b_final;

    assign busy = r_split_reg || w_split_reg;

    always @(posedge clk_gated) begin
        r_open_reg <= r_open_reg + {8'd0, ar_fire} - {8'd0, r_end};
        if (ar_begin) begin
            r_split_reg  <= 1'b1;
            ar_valid_reg <= 1'b1;
            ar_addr_reg  <= s_axi_araddr;
            ar_left_reg  <= {1'b0, s_axi_arlen} + 9'd1;
            ar_size_reg  <= s_axi_arsize;
            ar_id_reg    <= s_axi_arid;
        end else if (r_split_reg) begin
            if (ar_fire) begin
                ar_valid_reg <= !ar_final;
                ar_addr_reg  <= beyond(ar_addr_reg, ar_size_reg);
                ar_left_reg  <= ar_left_reg - MAX;
            end
            if (r_end && r_final) r_split_reg <= 1'b0;
        end

        w_open_reg <= w_open_reg + {8'd0, aw_fire} - {8'd0, b_fire};
        if (aw_begin) begin
            w_split_reg  <= 1'b1;
            aw_valid_reg <= 1'b1;
            aw_addr_reg  <= s_axi_awaddr;
            aw_left_reg  <= {1'b0, s_axi_awlen} + 9'd1;
            aw_size_reg  <= s_axi_awsize;
            aw_id_reg    <= s_axi_awid;
            w_owed_reg   <= 9'd0;
            w_beat_reg   <= 9'd0;
        end else if (w_split_reg) begin
            if (aw_fire) begin
                aw_valid_reg <= !aw_final;
                aw_addr_reg  <= beyond(aw_addr_reg, aw_size_reg);
                aw_left_reg  <= aw_left_reg - MAX;
            end
            w_owed_reg <= w_owed_reg + {8'd0, aw_fire} - {8'd0, w_fire && m_axi_wlast};
            if (w_fire) w_beat_reg <= m_axi_wlast ? 9'd0 : w_beat_reg + 9'd1;
            if (b_fire) begin
                b_resp_reg <= b_final ? 2'b00 : b_resp_reg | m_axi_bresp;
                if (b_final) w_split_reg <= 1'b0;
            end
        end

        if (rst) begin
            r_split_reg  <= 1'b0;
            ar_valid_reg <= 1'b0;
            r_open_reg   <= 9'd0;
            w_split_reg  <= 1'b0;
            aw_valid_reg <= 1'b0;
            w_open_reg   <= 9'd0;
            w_owed_reg   <= 9'd0;
            b_resp_reg   <= 2'b00;
        end
    end

    /* verilator lint_off UNUSEDSIGNAL */   // a piece has at most 256 beats
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{ar_piece[8], aw_piece[8]};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
