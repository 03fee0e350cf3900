"""The frame: settings, addresses, queue, `manage.py serve`, and the home page that picks a room by role."""
