// Bench: a slave on AXI4-Lite with 256 registers; offsets from 800 on are answered with SLVERR.
`default_nettype none
module axil_register_file (
    input  wire        clk,
    input  wire        rst,
    input  wire [19:0] awaddr,
    input  wire        awvalid,
    output wire        awready,
    input  wire [31:0] wdata,
    input  wire [3:0]  wstrb,
    input  wire        wvalid,
    output wire        wready,
    output reg  [1:0]  bresp,
    output reg         bvalid,
    input  wire        bready,
    input  wire [19:0] araddr,
    input  wire        arvalid,
    output wire        arready,
    output reg  [31:0] rdata,
    output reg  [1:0]  rresp,
    output reg         rvalid,
    input  wire        rready
);
    reg [31:0] registers [0:255];
    reg        has_address, has_data;
    reg [19:0] address;
    reg [31:0] data;
    reg [3:0]  strobe;
    reg        address_held, data_held;     // as the last clock left them
    integer    i;

    assign awready = !address_held;
    assign wready  = !data_held;
    assign arready = !rvalid;

    always @(posedge clk) begin
        if (bready) bvalid <= 0;
        if (rready) rvalid <= 0;
        if (awvalid && awready) begin
            has_address = 1;
            address = awaddr;
        end
        if (wvalid && wready) begin
            has_data = 1;
            data = wdata;
            strobe = wstrb;
        end
        if (has_address && has_data && (!bvalid || bready)) begin
            if (!address[11])
                for (i = 0; i < 4; i = i + 1) if (strobe[i]) registers[address[9:2]][8*i +: 8] = data[8*i +: 8];
            bresp <= address[11] ? 2'b10 : 2'b00;
            bvalid <= 1;
            has_address = 0;
            has_data = 0;
        end
        if (arvalid && arready) begin
            rdata  <= registers[araddr[9:2]];
            rresp  <= araddr[11] ? 2'b10 : 2'b00;
            rvalid <= 1;
        end
        if (rst) begin
            bvalid <= 0;
            rvalid <= 0;
            has_address = 0;
            has_data = 0;
            for (i = 0; i < 256; i = i + 1) registers[i] = 0;
        end
        address_held <= has_address;
        data_held    <= has_data;
    end
endmodule
`default_nettype wire
