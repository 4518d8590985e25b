/** Models from a server that answers like the hub: what is fetched, checked, kept and, without it, still there. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fetchFiles, givenFiles, lookUp } from "../../src/session/web/fetch";
import { deleteEntry } from "../../src/session/web/store";
import { COMMIT, type FakeHub, startHub, TOKEN } from "../support/hub";
import { accessTo, addressOf, newFolder } from "./support";

const model = new Uint8Array(readFileSync(new URL("../../public/demo/shapes-mobilenet.onnx", import.meta.url)));
const sha256 = createHash("sha256").update(model).digest("hex");
const other = new Uint8Array(readFileSync(new URL("../../public/demo/shapes-regnet.onnx", import.meta.url)));
const text = (content: string) => new TextEncoder().encode(content);

let hub: FakeHub;
let folder: string;

beforeEach(async () => {
  hub = await startHub();
  folder = newFolder();
  hub.repositories["timm/net"] = { files: { "README.md": text("# Net"), "onnx/model.onnx": model } };
});
afterEach(() => hub.stop());

const fetched = async (address: string, rest: Parameters<typeof accessTo>[2] = {}, expected: string | null = null) =>
  fetchFiles(addressOf(address), 1024, expected, await accessTo(hub.url, folder, rest));
const bytesOf = async (address: string) => {
  const access = await accessTo(hub.url, folder);
  return givenFiles(await fetchFiles(addressOf(address), 1024, null, access), access.store).read();
};
const contents = () => readdirSync(join(folder, "sha256"));

describe("from the hub", () => {
  test("the only model of a repository, pinned to its commit, hashed, with progress", async () => {
    const access = await accessTo(hub.url, folder);
    const entry = await fetchFiles(addressOf("hub:timm/net"), 1024, null, access);
    expect(entry).toMatchObject({
      from: `hub:timm/net@${COMMIT}/onnx/model.onnx`,
      name: "net/onnx/model.onnx",
      use: "model",
      files: [{ path: "model.onnx", sha256, size: model.length }],
      notes: [],
    });
    const [file] = await givenFiles(entry, access.store).read();
    expect(file?.bytes).toEqual(model);
    expect(access.told.at(-1)).toEqual({ text: "model.onnx", received: model.length, total: model.length });
  });

  test("a second time only the branch is looked up; a commit's file asks nobody; without the hub all is there, and said", async () => {
    await fetched("hub:timm/net@main/onnx/model.onnx");
    const before = hub.log.length;
    expect((await fetched("hub:timm/net")).notes).toEqual([]);
    expect(hub.log.slice(before).map(({ line }) => line)).toEqual(["GET /api/models/timm/net?blobs=true"]);
    await fetched(`hub:timm/net@${COMMIT}/onnx/model.onnx`);
    expect(hub.log.length).toBe(before + 1);
    await hub.stop();
    expect((await fetched(`hub:timm/net@${COMMIT}/onnx/model.onnx`)).notes).toEqual([]);
    const offline = await fetched("hub:timm/net");
    expect(offline.files[0]?.sha256).toBe(sha256);
    expect(offline.notes[0]).toMatch(/could not be reached; net\/onnx\/model\.onnx is taken as it was fetched on \d{4}-/);
    await expect(fetched("hub:timm/other")).rejects.toThrow(/127\.0\.0\.1:\d+ cannot be reached for the model timm\/other/);
    hub = await startHub();
  });

  test("several models are listed with sizes, the nearest first; without a choice their names are said", async () => {
    hub.repositories["o/many"] = {
      files: {
        "onnx/model.onnx": model,
        "onnx/model_int8.onnx": text("small"),
        "onnx/model_int8.onnx_data": text("1234567890"),
        "tfjs/model.json": text("{}"),
        "tfjs/group1-shard1of1.bin": text("12345"),
        "weights.bin": text("1"),
      },
    };
    const access = await accessTo(hub.url, folder);
    const picked = await lookUp(addressOf("hub:o/many"), access);
    expect(picked.map(({ title, size }) => [title, size])).toEqual([
      ["onnx/model.onnx", model.length],
      ["tfjs/model.json", 7],
      ["onnx/model_int8.onnx", 15],
    ]);
    expect(picked[0]?.address).toEqual(addressOf(`hub:o/many@${COMMIT}/onnx/model.onnx`));
    await expect(fetched("hub:o/many")).rejects.toThrow(
      /o\/many holds 3 ONNX files or TF\.js models: onnx\/model\.onnx, tfjs\/model\.json, onnx\/model_int8\.onnx; name one: hub:o\/many\/onnx\/model\.onnx/,
    );
    await expect(fetched("hub:o/many/nothing.onnx")).rejects.toThrow(/o\/many has no nothing\.onnx; its ONNX files/);
  });

  test("external data and shards come with the file that names them", async () => {
    const entries = (location: string) => [
      { key: "location", value: location },
      { key: "offset", value: "0" },
    ];
    const external = toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: 8n,
        graph: {
          initializer: [
            { name: "w", dims: [2n], dataLocation: 1, externalData: entries("weights/a.onnx_data") },
            { name: "b", rawData: new Uint8Array(99) },
          ],
          node: [{ opType: "Constant", attribute: [{ name: "value", t: { name: "c", dataLocation: 1, externalData: entries("c.bin") } }] }],
        },
      }),
    );
    hub.repositories["o/ext"] = {
      files: { "m/model.onnx": external, "m/weights/a.onnx_data": text("weights"), "m/c.bin": text("constant"), "other.onnx_data": text("no") },
    };
    expect((await bytesOf("hub:o/ext")).map(({ path, bytes }) => [path, bytes.length])).toEqual([
      ["model.onnx", external.length],
      ["weights/a.onnx_data", 7],
      ["c.bin", 8],
    ]);
    hub.repositories["o/lacks"] = { files: { "model.onnx": external } };
    await expect(fetched("hub:o/lacks")).rejects.toThrow(/model\.onnx of o\/lacks needs the file weights\/a\.onnx_data beside it/);

    const manifest = { modelTopology: {}, weightsManifest: [{ paths: ["./group1-shard1of2.bin", "group1-shard2of2.bin"], weights: [] }] };
    hub.plain["net/model.json"] = { body: text(JSON.stringify(manifest)), type: "application/json" };
    hub.plain["net/group1-shard1of2.bin"] = { body: text("one") };
    hub.plain["net/group1-shard2of2.bin"] = { body: text("two") };
    expect((await bytesOf(`${hub.url}/plain/net/model.json`)).map(({ path }) => path)).toEqual([
      "model.json",
      "group1-shard1of2.bin",
      "group1-shard2of2.bin",
    ]);
    for (const path of ["../secret.bin", "https://elsewhere.example/w.bin", "/etc/passwd"]) {
      hub.plain["bad/model.json"] = { body: text(JSON.stringify({ weightsManifest: [{ paths: [path] }] })) };
      await expect(fetched(`${hub.url}/plain/bad/model.json`)).rejects.toThrow(/not one below its own folder/);
    }
  });

  test("a token opens private and gated repositories, goes to no other host, and is written nowhere", async () => {
    hub.repositories["o/private"] = { files: { "model.onnx": model }, private: true };
    hub.repositories["o/gated"] = { files: { "model.onnx": model }, gated: true };
    await expect(fetched("hub:o/private")).rejects.toThrow(
      /\(401\): it does not exist under this name, or is private, and then it needs an access token/,
    );
    await expect(fetched("hub:o/gated")).rejects.toThrow(/o\/gated is gated on 127\.0\.0\.1:\d+: accept its licence .* then give an access token/);
    await expect(fetched("hub:o/private", { token: "hf_wrong" })).rejects.toThrow(/the access token that was given does not open it/);
    hub.log.length = 0;
    await fetched("hub:o/private", { token: TOKEN });
    await fetched("hub:o/gated", { token: TOKEN });
    const other = await startHub();
    other.plain["a.onnx"] = { body: model };
    await fetched(`${other.url}/plain/a.onnx`, { token: TOKEN });
    expect(hub.log.filter(({ line }) => line.includes("/lfs/")).map(({ authorization }) => authorization)).toEqual([null]);
    expect(hub.log.filter(({ line }) => line.includes("/api/")).every(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
    expect(other.log.every(({ authorization }) => authorization === null)).toBe(true);
    await other.stop();
    const written = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(written.length).toBeGreaterThan(2);
    for (const file of written) expect(readFileSync(join(file.parentPath, file.name), "latin1")).not.toContain(TOKEN);
  });
});

describe("what goes wrong leaves nothing behind", () => {
  const plain = (body: Uint8Array, rest: { type?: string; etag?: string | null } = {}) => {
    hub.plain["net.onnx"] = { body, ...rest };
    return fetched(`${hub.url}/plain/net.onnx`);
  };
  afterEach(() => expect(contents()).toEqual([]));

  test("no such repository, revision, file or host", async () => {
    await expect(fetched("hub:timm/none")).rejects.toThrow(/does not give the model timm\/none \(401\): it does not exist/);
    await expect(fetched("hub:timm/net@dev")).rejects.toThrow(/no such revision of the model timm\/net/);
    await expect(fetched(`${hub.url}/plain/none.onnx`)).rejects.toThrow(/has no none\.onnx \(404\); check the address/);
    await expect(fetched("http://127.0.0.1:9/a.onnx")).rejects.toThrow(/127\.0\.0\.1:9 cannot be reached for a\.onnx/);
    hub.repositories["o/torch"] = { files: { "model.safetensors": text("x") } };
    await expect(fetched("hub:o/torch")).rejects.toThrow(/o\/torch holds no ONNX files or TF\.js models .* weights without a network/);
  });

  test("content that the hub's hash does not fit", async () => {
    hub.tamper = (body) => Uint8Array.from(body, (byte, i) => (i === 1000 ? byte ^ 1 : byte));
    await expect(fetched("hub:timm/net")).rejects.toThrow(
      /model\.onnx .* has the sha256 .*… instead of .*… and was not kept: it was changed or damaged/,
    );
  });

  test("content that a recipe's hash does not fit", async () => {
    hub.plain["net.onnx"] = { body: text("another version") };
    await expect(fetched(`${hub.url}/plain/net.onnx`, {}, sha256)).rejects.toThrow(/not the file that the recipe was made with/);
  });

  test("a connection that breaks off, or a body shorter than the hub lists", async () => {
    hub.cutAfter = 5000;
    await expect(fetched("hub:timm/net")).rejects.toThrow(/broke off before model\.onnx was complete; try again/);
    hub.cutAfter = null;
    hub.tamper = (body) => body.subarray(0, 3000);
    await expect(fetched("hub:timm/net")).rejects.toThrow(/gave 3000 of \d+ bytes/);
  });

  test("a web page or a pointer in the place of a file", async () => {
    await expect(plain(text("<p>Sign in</p>"), { type: "text/html; charset=utf-8" })).rejects.toThrow(
      /answers with a web page instead of the file net\.onnx/,
    );
    await expect(plain(text("\n<!DOCTYPE html><html></html>"))).rejects.toThrow(/web page/);
    await expect(plain(text("version https://git-lfs.github.com/spec/v1\noid sha256:0"))).rejects.toThrow(/only the pointer to a file in Git LFS/);
    await expect(plain(new Uint8Array(0))).rejects.toThrow(/is empty/);
  });

  test("a file that is no model, or names files that are not there", async () => {
    await expect(plain(text("some text"))).rejects.toThrow(/net\.onnx is not a readable ONNX file/);
    hub.plain["net/model.json"] = { body: text(JSON.stringify({ weightsManifest: [{ paths: ["a.bin"] }] })) };
    await expect(fetched(`${hub.url}/plain/net/model.json`)).rejects.toThrow(/has no a\.bin \(404\)/);
    hub.plain["net/model.json"] = { body: text(JSON.stringify({ layers: [] })) };
    await expect(fetched(`${hub.url}/plain/net/model.json`)).rejects.toThrow(/model\.json is no TF\.js model/);
  });

  test("a person's stop", async () => {
    const controller = new AbortController();
    const stopped = fetched("hub:timm/net", { signal: controller.signal, onProgress: ({ received }) => received > 0 && controller.abort() });
    await expect(stopped).rejects.toThrow(/cancelled/);
  });

  test("a host that is no hub", async () => {
    hub.plain["api/models/timm/net"] = { body: text("<p>Welcome</p>") };
    const other = await accessTo(`${hub.url}/plain`, folder);
    await expect(fetchFiles(addressOf("hub:timm/net"), 1, null, other)).rejects.toThrow(/did not answer with a list of files for timm\/net/);
  });
});

describe("plain addresses", () => {
  test("unchanged content is not fetched again; changed content takes its place; without the host the last one is there", async () => {
    const at = `${hub.url}/plain/net.onnx`;
    hub.plain["net.onnx"] = { body: model };
    await fetched(at);
    hub.log.length = 0;
    const access = await accessTo(hub.url, folder);
    await fetchFiles(addressOf(at), 1, null, access);
    expect(access.told).toEqual([]);
    hub.plain["net.onnx"] = { body: other };
    const second = await fetched(at);
    expect(second.from).toBe(at);
    expect(contents()).toEqual([second.files[0]?.sha256]);
    hub.log.length = 0;
    // A recipe's hash is enough where its content is kept.
    await fetched(at, {}, second.files[0]?.sha256);
    expect(hub.log).toEqual([]);
    await hub.stop();
    expect((await fetched(at)).notes[0]).toMatch(/could not be reached/);
    hub = await startHub();
  });

  test("a query is neither in the recipe nor in the store", async () => {
    hub.plain["net.onnx"] = { body: model };
    const entry = await fetched(`${hub.url}/plain/net.onnx?key=secret`);
    expect(entry.from).toBeNull();
    expect(
      readdirSync(join(folder, "entries"))
        .map((name) => readFileSync(join(folder, "entries", name), "utf8"))
        .join(),
    ).not.toContain("secret");
  });
});

describe("the folder", () => {
  test("two addresses share one content, which goes with the last of them", async () => {
    hub.plain["net.onnx"] = { body: model };
    const first = await fetched("hub:timm/net");
    const second = await fetched(`${hub.url}/plain/net.onnx`);
    expect(contents()).toEqual([sha256]);
    const { store } = await accessTo(hub.url, folder);
    await deleteEntry(store, first);
    expect(contents()).toEqual([sha256]);
    await deleteEntry(store, second);
    expect(contents()).toEqual([]);
    expect(await store.entries()).toEqual([]);
  });

  test("content that was damaged on the disk is told; a broken entry is fetched anew", async () => {
    const entry = await fetched("hub:timm/net");
    const path = join(folder, "sha256", sha256);
    const damaged = readFileSync(path);
    damaged.writeUInt8(damaged.readUInt8(99) ^ 1, 99);
    writeFileSync(path, damaged);
    const { store } = await accessTo(hub.url, folder);
    await expect(givenFiles(entry, store).read()).rejects.toThrow(/was damaged since it was fetched; delete it/);
    writeFileSync(path, "short");
    writeFileSync(join(folder, "entries", "broken.json"), "{");
    await fetched("hub:timm/net");
    expect(statSync(path).size).toBe(model.length);
  });

  test("a folder that cannot be made is named", async () => {
    const file = join(newFolder(), "file");
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, "");
    expect(existsSync(file)).toBe(true);
    await expect(accessTo(hub.url, join(file, "below"))).rejects.toThrow(/cannot hold what is fetched: .*--web-cache DIR/);
  });
});
