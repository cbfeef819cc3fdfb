"""What the page and the server say to each other, one file a subject, each with its limits."""
