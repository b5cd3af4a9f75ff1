"""Mutation of the contracts: the tests must notice every small change of their sources that matters."""
