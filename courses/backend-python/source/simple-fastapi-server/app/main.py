"""The Corner Café's server. This is the file that you edit."""

from fastapi import FastAPI

app = FastAPI(title="Corner Café")

# What the café sells. Leave this list as it is: the checks know it.
DRINKS = [
    {"id": 1, "name": "Espresso", "price": 2.5},
    {"id": 2, "name": "Green tea", "price": 3.0},
    {"id": 4, "name": "Cappuccino", "price": 3.5},
    {"id": 7, "name": "Hot chocolate", "price": 4.0},
]

# All orders, by their id. One is already there; leave it there, too.
ORDERS = {1: {"id": 1, "drink_id": 4, "quantity": 2, "total": 7.0}}

# Write your routes below.
