"""HTTP responses: index pages, files, redirects and problem details."""
