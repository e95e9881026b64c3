"""Register and descriptor constants, generated from hdl/registers/*.rdl by `make registers`."""
