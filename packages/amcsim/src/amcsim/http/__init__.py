"""The HTTP face: AMC's routes, the login route, and the control routes under `/_sim`."""
