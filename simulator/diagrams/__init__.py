"""Flows as diagrams with a lane for each party: SVG to look at, BPMN 2.0 to take along, both from one layout."""
