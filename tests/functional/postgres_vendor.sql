-- The functions of Azure's azure_ai extension, answering from tables: dbt_ai's SQL calls them as it would the vendor's, and every call is counted.
create extension if not exists vector;
create schema vendor;
create schema azure_ai;
create schema azure_openai;
create table vendor.answers (prompt text, kind text, answer text);
create table vendor.embeddings (content text, embedding real[]);
create table vendor.calls (kind text, input text);

create function azure_ai.generate(prompt text, model text) returns text language plpgsql volatile as $$
begin
  insert into vendor.calls values ('text', prompt);
  return (select a.answer from vendor.answers as a where a.prompt = generate.prompt and a.kind = 'text' limit 1);
end $$;

create function azure_ai.generate(prompt text, model text, json_schema text) returns jsonb language plpgsql volatile as $$
declare
  wanted text := case when json_schema::jsonb #> '{schema,properties}' ? 'label' then 'struct' else 'scalar' end;
begin
  insert into vendor.calls values (wanted, prompt);
  return (select a.answer::jsonb from vendor.answers as a where a.prompt = generate.prompt and a.kind = wanted limit 1);
end $$;

create function azure_openai.create_embeddings(deployment text, input text, dimensions integer default null) returns real[] language plpgsql volatile as $$
begin
  insert into vendor.calls values ('embedding', input);
  return (select e.embedding from vendor.embeddings as e where e.content = create_embeddings.input limit 1);
end $$;
