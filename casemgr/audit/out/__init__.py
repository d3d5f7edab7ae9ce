"""How entries of the log leave for other systems: FHIR and syslog, without facts about persons."""
