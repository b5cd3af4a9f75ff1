"""Pages for people: server-rendered HTML about registries and projects, without scripts (docs/http-api.md)."""
