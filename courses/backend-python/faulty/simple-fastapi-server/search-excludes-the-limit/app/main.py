"""The Corner Café's server."""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI(title="Corner Café")

DRINKS = [
    {"id": 1, "name": "Espresso", "price": 2.5},
    {"id": 2, "name": "Green tea", "price": 3.0},
    {"id": 4, "name": "Cappuccino", "price": 3.5},
    {"id": 7, "name": "Hot chocolate", "price": 4.0},
]

ORDERS = {1: {"id": 1, "drink_id": 4, "quantity": 2, "total": 7.0}}


class NewOrder(BaseModel):
    drink_id: int
    quantity: int


@app.get("/")
def hello():
    return {"message": "Hello, Milepost!"}


@app.get("/drinks")
def list_drinks(max_price: float | None = None):
    if max_price is None:
        return DRINKS
    return [drink for drink in DRINKS if drink["price"] < max_price]


@app.get("/drinks/{drink_id}")
def show_drink(drink_id: int):
    for drink in DRINKS:
        if drink["id"] == drink_id:
            return drink
    raise HTTPException(status_code=404, detail="No such drink")


@app.post("/orders", status_code=201)
def take_order(order: NewOrder):
    drink = show_drink(order.drink_id)
    order_id = max(ORDERS, default=0) + 1
    ORDERS[order_id] = {
        "id": order_id,
        "drink_id": order.drink_id,
        "quantity": order.quantity,
        "total": drink["price"] * order.quantity,
    }
    return ORDERS[order_id]


@app.delete("/orders/{order_id}", status_code=204)
def cancel_order(order_id: int):
    if order_id not in ORDERS:
        raise HTTPException(status_code=404, detail="No such order")
    del ORDERS[order_id]
