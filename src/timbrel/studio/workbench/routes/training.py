"""Recipes and trainings."""

from fastapi import APIRouter

from timbrel.studio.workbench import recipes, trainings
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.models.training import (
    RecipeDetail,
    Recipes,
    Training,
    TrainingNames,
    Warnings,
)
from timbrel.studio.workbench.routes import Named


def routes(bench: Bench) -> APIRouter:
    """Gives the routes of recipes and trainings.

    Args:
        bench: What the studio works with.

    Returns:
        The routes.
    """
    router = APIRouter(tags=["training"])

    @router.get("/recipes")
    def listed() -> Recipes:
        """Lists the recipes, by what they are for."""
        return recipes.listed()

    @router.get("/recipes/{name}")
    def about(name: Named) -> RecipeDetail:
        """Gives a recipe in full."""
        return recipes.detail(name)

    @router.get("/recipes/{name}/warnings")
    def warnings(name: Named) -> Warnings:
        """Says what to know before training with a recipe on this library."""
        return recipes.warnings(bench, name)

    @router.get("/trainings")
    def trained() -> TrainingNames:
        """Lists the trainings, those under way first."""
        return trainings.listed(bench)

    @router.get("/trainings/{name}")
    def training(name: Named) -> Training:
        """Tells how a training goes, or went."""
        return trainings.one(bench, name)

    return router
