// The card's memory: an AXI4 slave RAM, one beat a clock for reads and for writes at the same time.
// Addresses count from the memory's base (bit 63 is ignored); a burst that begins beyond SIZE_BYTES gets DECERR.
`default_nettype none
module card_memory #(
    parameter SIZE_BYTES = 16777216,        // power of two, at least 4096
    parameter ID_WIDTH   = 8
) (
    input  wire                clk,
    input  wire                rst,

    input  wire [ID_WIDTH-1:0] s_axi_awid,
    input  wire [63:0]         s_axi_awaddr,
    input  wire [7:0]          s_axi_awlen,
    input  wire [2:0]          s_axi_awsize,
    input  wire [1:0]          s_axi_awburst,
    input  wire                s_axi_awvalid,
    output wire                s_axi_awready,
    input  wire [63:0]         s_axi_wdata,
    input  wire [7:0]          s_axi_wstrb,
    input  wire                s_axi_wlast,
    input  wire                s_axi_wvalid,
    output wire                s_axi_wready,
    output wire [ID_WIDTH-1:0] s_axi_bid,
    output wire [1:0]          s_axi_bresp,
    output wire                s_axi_bvalid,
    input  wire                s_axi_bready,
    input  wire [ID_WIDTH-1:0] s_axi_arid,
    input  wire [63:0]         s_axi_araddr,
    input  wire [7:0]          s_axi_arlen,
    input  wire [2:0]          s_axi_arsize,
    input  wire [1:0]          s_axi_arburst,
    input  wire                s_axi_arvalid,
    output wire                s_axi_arready,
    output wire [ID_WIDTH-1:0] s_axi_rid,
    output wire [63:0]         s_axi_rdata,
    output wire [1:0]          s_axi_rresp,
    output wire                s_axi_rlast,
    output wire                s_axi_rvalid,
    input  wire                s_axi_rready,

    output wire                busy
);
    // nothing in here changes without one of these
    wire write_clk, read_clk;
    clock_gate write_gate (
        .clk(clk),
        .enable(rst || s_axi_awvalid || s_axi_wvalid || b_valid_reg || (ahead_valid_reg && !w_active_reg)),
        .gated(write_clk)
    );
    clock_gate read_gate (
        .clk(clk),
        .enable(rst || s_axi_arvalid || r_active_reg || out_valid_reg),
        .gated(read_clk)
    );

    localparam ADDR_WIDTH = $clog2(SIZE_BYTES);
    localparam WORDS      = SIZE_BYTES / 8;
    localparam OKAY = 2'b00, DECERR = 2'b11;

    initial if (SIZE_BYTES < 4096 || SIZE_BYTES != (1 << ADDR_WIDTH)) begin
        $display("ERROR: card_memory SIZE_BYTES must be a power of two, at least 4096 (%m)");
        $finish;
    end

    reg [63:0] mem [0:WORDS-1];

`ifndef SYNTHESIS
    integer word;
    initial for (word = 0; word < WORDS; word = word + 1) mem[word] = 64'd0;
`endif

    // address of the beat after this one: aligned to the beat's size, INCR only
    function [ADDR_WIDTH-1:0] next_beat(input [ADDR_WIDTH-1:0] addr, input [2:0] size);
        next_beat = ((addr >> size) + 1'b1) << size;
    endfunction

    // ---- writes ---------------------------------------------------------------------------------------
    // One address is accepted ahead of its turn, so that bursts follow each other without a gap.
    reg                  w_active_reg, w_error_reg;
    reg                  ahead_valid_reg;
    reg [63:0]           ahead_addr_reg;
    reg [2:0]            ahead_size_reg;
    reg [ID_WIDTH-1:0]   ahead_id_reg;
    reg [ADDR_WIDTH-1:0] w_addr_reg;
    reg [2:0]            w_size_reg;
    reg [ID_WIDTH-1:0]   w_id_reg, b_id_reg;
    reg                  b_valid_reg, b_error_reg;

    wire w_fire   = s_axi_wvalid && s_axi_wready;
    wire w_finish = w_fire && s_axi_wlast;
    wire aw_fire  = s_axi_awvalid && s_axi_awready;
    wire aw_start = (!w_active_reg || w_finish) && (ahead_valid_reg || s_axi_awvalid);
    wire [63:0] aw_addr = ahead_valid_reg ? ahead_addr_reg : s_axi_awaddr;

    assign s_axi_wready  = w_active_reg && (!b_valid_reg || s_axi_bready);
    assign s_axi_awready = !ahead_valid_reg;
    assign s_axi_bid     = b_id_reg;
    assign s_axi_bresp   = b_error_reg ? DECERR : OKAY;
    assign s_axi_bvalid  = b_valid_reg;

    integer lane;
    always @(posedge write_clk) begin
        if (w_fire && !w_error_reg) begin
            if (s_axi_wstrb == 8'hff) begin
                mem[w_addr_reg[ADDR_WIDTH-1:3]] <= s_axi_wdata;
            end else begin
                for (lane = 0; lane < 8; lane = lane + 1)
                    if (s_axi_wstrb[lane]) mem[w_addr_reg[ADDR_WIDTH-1:3]][8*lane +: 8] <= s_axi_wdata[8*lane +: 8];
            end
        end
    end

    always @(posedge write_clk) begin
        if (s_axi_bready) b_valid_reg <= 1'b0;
        if (w_fire) w_addr_reg <= next_beat(w_addr_reg, w_size_reg);
        if (w_finish) begin
            w_active_reg <= 1'b0;
            b_valid_reg  <= 1'b1;
            b_id_reg     <= w_id_reg;
            b_error_reg  <= w_error_reg;
        end
        if (aw_start) begin
            w_active_reg    <= 1'b1;
            w_id_reg        <= ahead_valid_reg ? ahead_id_reg : s_axi_awid;
            w_addr_reg      <= aw_addr[ADDR_WIDTH-1:0];
            w_size_reg      <= ahead_valid_reg ? ahead_size_reg : s_axi_awsize;
            w_error_reg     <= aw_addr[62:ADDR_WIDTH] != {(63-ADDR_WIDTH){1'b0}};
            ahead_valid_reg <= 1'b0;
        end else if (aw_fire) begin
            ahead_valid_reg <= 1'b1;
            ahead_id_reg    <= s_axi_awid;
            ahead_addr_reg  <= s_axi_awaddr;
            ahead_size_reg  <= s_axi_awsize;
        end
        if (rst) begin
            w_active_reg    <= 1'b0;
            ahead_valid_reg <= 1'b0;
            b_valid_reg     <= 1'b0;
        end
    end

    // ---- reads ----------------------------------------------------------------------------------------
    reg                  r_active_reg, r_error_reg;
    reg [ADDR_WIDTH-1:0] r_addr_reg;
    reg [2:0]            r_size_reg;
    reg [7:0]            r_left_reg;        // beats after this one
    reg [ID_WIDTH-1:0]   r_id_reg, out_id_reg;
    reg [63:0]           out_data_reg;
    reg                  out_valid_reg, out_last_reg, out_error_reg;

    wire fetch    = r_active_reg && (!out_valid_reg || s_axi_rready);
    wire r_finish = fetch && r_left_reg == 8'd0;
    wire ar_fire  = s_axi_arvalid && s_axi_arready;

    assign s_axi_arready = !r_active_reg || r_finish;
    assign s_axi_rid     = out_id_reg;
    assign s_axi_rdata   = out_data_reg;
    assign s_axi_rresp   = out_error_reg ? DECERR : OKAY;
    assign s_axi_rlast   = out_last_reg;
    assign s_axi_rvalid  = out_valid_reg;

    always @(posedge read_clk) begin
        if (fetch) out_data_reg <= mem[r_addr_reg[ADDR_WIDTH-1:3]];
    end

    always @(posedge read_clk) begin
        if (s_axi_rready) out_valid_reg <= 1'b0;
        if (fetch) begin
            out_valid_reg <= 1'b1;
            out_last_reg  <= r_left_reg == 8'd0;
            out_error_reg <= r_error_reg;
            out_id_reg    <= r_id_reg;
            r_addr_reg    <= next_beat(r_addr_reg, r_size_reg);
            r_left_reg    <= r_left_reg - 8'd1;
        end
        if (r_finish) r_active_reg <= 1'b0;
        if (ar_fire) begin
            r_active_reg <= 1'b1;
            r_id_reg     <= s_axi_arid;
            r_addr_reg   <= s_axi_araddr[ADDR_WIDTH-1:0];
            r_size_reg   <= s_axi_arsize;
            r_left_reg   <= s_axi_arlen;
            r_error_reg  <= s_axi_araddr[62:ADDR_WIDTH] != {(63-ADDR_WIDTH){1'b0}};
        end
        if (rst) begin
            r_active_reg  <= 1'b0;
            out_valid_reg <= 1'b0;
        end
    end

    assign busy = w_active_reg || b_valid_reg || r_active_reg || out_valid_reg;

    /* verilator lint_off UNUSEDSIGNAL */                   // INCR only; wlast ends a write burst
`ifdef VERILATOR  // for lint alone: a simulator would work it out at each change
    wire unused = &{s_axi_awlen, s_axi_awburst, s_axi_arburst, aw_addr[63], s_axi_araddr[63]};
`endif
    /* verilator lint_on UNUSEDSIGNAL */
endmodule
`default_nettype wire
