import Foundation
import KerasCore
import KerasLoopbackServer
import Testing

@testable import KerasStore

/// Passwords and tokens in addresses are neither shown nor written down.
@Suite struct SecretTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  @Test(arguments: [
    ("http://anna:secret@host/x", "http://…@host/x"),
    ("http://anna:se/cret@host/x", "http://…@host/x"),
    ("http://anna:se cret@host/x", "http://…@host/x"),
    ("http://anna:se,cret@host/x", "http://…@host/x"),
    ("http://anna:se@cret@host/x", "http://…@host/x"),
    ("http://anna:se#cret@host/x", "http://…"),
    ("http://anna:se?cret@host/x", "http://…"),
    ("anna:secret@host", "…@host"),
    ("http:/anna:secret@host/x", "…@host/x"),
    ("anna:secret://@host", "…@host"),
    ("https://host/x?token=secret", "https://host/x?…"),
    ("https://host/x#secret", "https://host/x#…"),
    ("https://host/x\u{1B}[2J", "https://host/x\\u{1B}[2J"),
    ("https://host/x", "https://host/x"),
  ])
  func whatIsShown(address: String, shown: String) { #expect(withoutSecrets(address) == shown) }

  @Test(arguments: [
    "anna:secret@host", "http:/anna:secret@host/x", "http:anna:secret@host", "http://anna:se#cret@host",
    "http://anna:se?cret@host", "http://anna:se/cret@host", "htp://anna:secret@host", "http://",
  ])
  func whatIsNoMirrorIsRefusedWithoutItsPassword(address: String) throws {
    let found = error { _ = try WeightStore(scratch, loopbackOptions(address)).path(for: sampleFile()) }
    #expect(
      found?.description == """
        "\(withoutSecrets(address))" is not a mirror.
          try: KERAS_WEIGHTS_BASE_URL takes http, https and file URLs and folders; in a password, write `/` as \
        %2F, `?` as %3F, `#` as %23 and `@` as %40.
        """)
    #expect(found?.description.contains("cret") == false)
  }

  @Test(arguments: ["se,cret", "se cret", "se@cret", "se, cret"])
  func aPasswordMayHoldMuch(password: String) throws {
    let bytes = sampleWeights(byteCount: 5000)
    let server = try LoopbackServer { _ in .ok(bytes) }
    let address = "http://anna:\(password)@127.0.0.1:\(server.port)/x"
    let options = StoreOptions { $0 == "KERAS_WEIGHTS_BASE_URL" ? address + ", /nowhere" : nil }
    #expect(options.mirrors == [address, "/nowhere"])
    let log = Log<StoreEvent>()
    _ = try WeightStore(scratch, options, log: log).path(for: sampleFile())
    let expected = "Basic " + Data("anna:\(password)".utf8).base64EncodedString()
    #expect(server.requests.map { $0.headers["authorization"] } == [expected])
    #expect(!"\(log.all)".contains("cret"))
  }

  @Test func nothingOfThemIsWrittenDown() throws {
    let bytes = sampleWeights()
    let server = try LoopbackServer { _ in
      var response = LoopbackServer.Response.ok(bytes)
      (response.headers["ETag"], response.cutAfter, response.honoursRange) = ("\"1\"", 100_000, false)
      return response
    }
    let base = "http://anna:secret@127.0.0.1:\(server.port)/x?token=hidden"
    let log = Log<StoreEvent>()
    let found = error {
      _ = try WeightStore(scratch, loopbackOptions(base), log: log).path(for: sampleFile())
    }
    #expect(server.requests.first?.path == "/x/family/sample.h5?token=hidden")
    let note = String(decoding: try scratch.bytes(of: "sample.h5.part.from"), as: UTF8.self)
    for text in [note, "\(log.all)", found?.description ?? ""] {
      #expect(text.contains("http://…@127.0.0.1:\(server.port)/x/family/sample.h5?…"))
      #expect(!text.contains("secret") && !text.contains("hidden"))
    }
    let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path("sample.h5.part.from"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func notesOfEarlierVersionsAreRemoved() throws {
    let server = try LoopbackServer { _ in .status(503) }
    try scratch.put([1, 2, 3], as: "sample.h5.part")
    try scratch.put(Array("http://anna:secret@host/sample.h5\n\n300\n".utf8), as: "sample.h5.part.from")
    #expect(
      error { _ = try WeightStore(scratch, loopbackOptions(server.url)).path(for: sampleFile()) } != nil)
    #expect(scratch.names == [])
  }

  @Test func certificatesHaveTheirReasons() {
    #expect(
      certificateProblem(10) == "the host's certificate has expired (or this machine's clock is wrong)")
    #expect(certificateProblem(9).hasPrefix("the host's certificate is not valid yet"))
    #expect(certificateProblem(62) == "the host's certificate is for another host")
  }

  @Test(arguments: [
    ("http://host/x", ["http_proxy": "p"], "http_proxy"),
    ("https://host/x", ["http_proxy": "p"], nil),
    ("https://u:p@host:8/x", ["ALL_PROXY": "p", "no_proxy": "example.org"], "ALL_PROXY"),
    ("https://www.host:8/x", ["all_proxy": "p", "no_proxy": "a, .host"], nil),
    ("http://host/x", ["http_proxy": "p", "NO_PROXY": "*"], nil),
  ])
  func proxies(url: String, environment: [String: String], expected: String?) {
    #expect(proxyVariable(for: url) { environment[$0] } == expected)
  }
}

/// How `KERAS_WEIGHTS_BASE_URL` is taken apart.
@Suite struct MirrorListTests {
  @Test(arguments: [
    ("", []),
    ("http://a/x, https://b  /c", ["http://a/x", "https://b", "/c"]),
    ("/data/my weights, old", ["/data/my weights, old"]),
    ("/a b,/c,~/d ./e ../f g", ["/a b", "/c", "~/d", "./e", "../f g"]),
    ("http://u:a /b@c/d /e", ["http://u:a /b@c/d", "/e"]),
    (" http://a , ", ["http://a"]),
  ])
  func split(text: String, expected: [String]) { #expect(mirrors(in: text) == expected) }

  @Test func aFolderThatIsThereIsOne() throws {
    let scratch = try Scratch()
    let folder = scratch.home + "/a, /b"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    #expect(mirrors(in: folder) == [folder])
  }
}
