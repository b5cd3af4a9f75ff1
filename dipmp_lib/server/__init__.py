"""HTTP server: FastAPI routers over the read port, the same under uvicorn and under Lambda."""
