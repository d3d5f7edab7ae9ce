"""The register of breaches: 72 hours, two people, the authority's form, the people concerned."""
