"""Pages for people: server-rendered HTML about registries and projects, complete without scripts (docs/http-api.md)."""
