"""Values that are parsed once: names, chains, versions, file names, pages. Pure."""
