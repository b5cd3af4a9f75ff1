"""Environment variables of a function, as a stage with pinned registries, stores and logs sets them."""

SETTINGS = {
    "ETH_GATEWAY": "https://one.example,https://two.example",
    "IPFS_GATEWAY": "https://gateway.example/ipfs",
    "HOST_URL": "https://index.example",
    "DIPMP_PAGES_URL": "https://index.example",
    "DIPMP_CHAIN_ID": "8453",
    "DIPMP_PINNED": f"0x{'11' * 20}",
    "DIPMP_TABLE": "table",
    "DIPMP_BUCKET": "bucket",
    "DIPMP_LOG": "json",
    "AWS_LAMBDA_FUNCTION_NAME": "function",
}
