"""Data: Emoji Worlds scenes (worlds.py), any folder of pictures (folder.py), and what both fetch (fetch_assets.py)."""
