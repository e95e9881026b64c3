// Second top of a bench whose waveform is kept: +waves=<path> names the file, BENCH_TOP what is shown.
module bench_waves;
    reg [8*512-1:0] path;
    initial
        if ($value$plusargs("waves=%s", path)) begin
            $dumpfile(path);
            $dumpvars(0, `BENCH_TOP);
        end
endmodule
