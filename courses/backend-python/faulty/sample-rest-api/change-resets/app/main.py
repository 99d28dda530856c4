"""The routes: which request leads to which answer."""

from fastapi import FastAPI, HTTPException, Response

from app.models import NewTool, ToolChange
from app.store import ToolStore

app = FastAPI(title="Tool Library")
store = ToolStore()


def found(tool):
    """Pass a tool on; answer 404 where there is none."""
    if tool is None:
        raise HTTPException(status_code=404, detail="No such tool")
    return tool


@app.get("/tools")
def list_tools():
    return store.all()


@app.get("/tools/{tool_id}")
def show_tool(tool_id: int):
    return found(store.get(tool_id))


@app.post("/tools", status_code=201)
def add_tool(tool: NewTool, response: Response):
    added = store.add(tool.model_dump())
    response.headers["Location"] = f"/tools/{added['id']}"
    return added


@app.put("/tools/{tool_id}")
def replace_tool(tool_id: int, tool: NewTool):
    return found(store.update(tool_id, tool.model_dump()))


@app.patch("/tools/{tool_id}")
def change_tool(tool_id: int, change: ToolChange):
    return found(store.update(tool_id, change.model_dump()))


@app.delete("/tools/{tool_id}", status_code=204)
def remove_tool(tool_id: int):
    found(store.remove(tool_id))
