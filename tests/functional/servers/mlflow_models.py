"""Write the models that `mlflow models serve` serves: python mlflow_models.py FOLDER, run in the environment "mlflow"."""

import sys
from pathlib import Path

import mlflow.pyfunc
import pandas
from mlflow.models import ModelSignature
from mlflow.types.schema import ColSpec, DataType, Schema


class Spam(mlflow.pyfunc.PythonModel):
    """Whether a message is spam, by three features; raises for text that is empty (the server answers 400) or too long (500)."""

    def predict(self, context, model_input, params=None):
        if model_input["text"].str.len().min() == 0:
            raise ValueError("text is empty")
        if model_input["text"].str.len().max() > 1000:
            raise mlflow.MlflowException("text is longer than 1000 characters")
        return model_input["text"].str.contains("prize", case=False) & (model_input["sender"] != "friend")


class Revenue(mlflow.pyfunc.PythonModel):
    """A forecast out of two numbers."""

    def predict(self, context, model_input, params=None):
        return model_input["units"] * model_input["price"]


class Shapes(mlflow.pyfunc.PythonModel):
    """What came in, as it came: no signature, so that every input format is taken."""

    def predict(self, context, model_input, params=None):
        if isinstance(model_input, pandas.DataFrame):
            return [{"candidates": [str(value) for value in row], "scores": {"a": 0.5}} for row in model_input.itertuples(index=False)]
        return [{"candidates": [str(value)], "scores": {}} for value in model_input]


folder = Path(sys.argv[1])
text, number, whole = (lambda name, type=type: ColSpec(type, name) for type in (DataType.string, DataType.double, DataType.long))
spam = ModelSignature(inputs=Schema([whole("timestamp"), text("sender"), text("text")]), outputs=Schema([ColSpec(DataType.boolean)]))
revenue = ModelSignature(inputs=Schema([whole("units"), number("price")]), outputs=Schema([ColSpec(DataType.double)]))
mlflow.pyfunc.save_model(folder / "spam", python_model=Spam(), signature=spam)
mlflow.pyfunc.save_model(folder / "revenue", python_model=Revenue(), signature=revenue)
mlflow.pyfunc.save_model(folder / "shapes", python_model=Shapes())
