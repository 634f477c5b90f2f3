import json
import struct

from dbt_ai.local.folder import ModelFolder


def write(folder, **files):
    for name, content in files.items():
        path = folder / name.replace("__", "/")
        path = path.with_name(path.name + ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    return ModelFolder(folder)


def modules(*kinds):
    return [{"type": f"sentence_transformers.models.{kind}", "path": f"{index}_{kind}"} for index, kind in enumerate(kinds)]


def test_dimensions_of_a_plain_transformer(tmp_path):
    assert write(tmp_path, config={"hidden_size": 384}).dimensions == 384


def test_dimensions_after_joined_pooling_and_a_dense_layer(tmp_path):
    pooled = {
        "config": {"hidden_size": 8},
        "modules": modules("Transformer", "Pooling"),
        "1_Pooling__config": {"word_embedding_dimension": 8, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True},
    }
    assert write(tmp_path, **pooled).dimensions == 16
    dense = {"modules": modules("Transformer", "Pooling", "Dense"), "2_Dense__config": {"in_features": 16, "out_features": 5}}
    assert write(tmp_path, **dense).dimensions == 5


def test_dimensions_of_a_static_model_come_from_the_header_of_its_weights(tmp_path):
    header = json.dumps({"embeddings": {"dtype": "F32", "shape": [100, 32], "data_offsets": [0, 12800]}}).encode()
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    folder = write(tmp_path, config={"normalize": True})
    assert folder.is_static
    assert folder.dimensions == 32


def test_the_model_reads_as_many_tokens_as_its_configuration_and_positions_allow(tmp_path):
    assert write(tmp_path, sentence_bert_config={"max_seq_length": 256}, config={"max_position_embeddings": 512}).max_length == 256
    assert write(tmp_path, sentence_bert_config={}, tokenizer_config={"model_max_length": 10**30}).max_length == 512


def test_prompts_come_from_the_configuration_before_the_family(tmp_path):
    family = tmp_path / "multilingual-e5-small"
    assert write(family, config={}).prompts == {"query": "query: ", "document": "passage: "}
    own = {"prompts": {"query": "q> ", "document": ""}, "default_prompt_name": "query"}
    assert write(tmp_path / "own-e5-like", config_sentence_transformers=own).prompts["query"] == "q> "
    assert write(tmp_path / "own-e5-like").default_prompt == "q> "
