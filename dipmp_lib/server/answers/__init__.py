"""Answers: pages, files, redirects, problem details."""
