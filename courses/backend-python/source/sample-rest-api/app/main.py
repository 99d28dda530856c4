"""The routes: which request leads to which answer."""

from fastapi import FastAPI

from app.store import ToolStore

app = FastAPI(title="Tool Library")
store = ToolStore()

# Write your routes below.
