"""What the page may ask for, one file a subject: each answer is made elsewhere, by a task."""
