"""Blobs in a folder."""

from milepost.adapters.blobs.folder import FolderBlobs

__all__ = ["FolderBlobs"]
