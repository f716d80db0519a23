import Foundation
import KerasLoopbackServer
import KerasTestSupport
import Testing

@Suite struct WeightsTests {
  let workplace: Workplace
  let name = "mobilenet_2_5_224_tf.h5"
  var path: String { workplace.models.path + "/" + name }

  init() throws { workplace = try Workplace() }

  @Test func pathOfWhatIsNotThere() throws {
    #expect(
      try workplace.keras("weights", "path", "mobilenet", "--alpha", "0.25")
        == Outcome(output: path + "\n", code: 1))
    #expect(
      try workplace.keras("weights", "path", "mobilenet", "--alpha", "0.3")
        == Outcome(
          errors: """
            error: No weights of MobileNet were published for alpha 0.3.
              try: --alpha 0.25, 0.5, 0.75, 1.0; --image-size 128, 160, 192, 224; or a weight file of your own.

            """,
          code: 1))
    #expect(
      try workplace.keras("weights", "path", "mobilnet")
        == Outcome(
          errors: """
            error: There is no model called `mobilnet`.
              try: did you mean mobilenet, mobilenetv2, mobilenetv3small? `keras models` lists them all.

            """,
          code: 1))
  }

  @Test func anEmptyCache() throws {
    let home = workplace.home.path
    #expect(try workplace.keras("weights", "list") == Outcome(errors: "Nothing is cached in \(home).\n"))
    #expect(try workplace.keras("weights", "list", "--json") == Outcome())
    let nothing = "Nothing to check is cached in \(home).\n"
    #expect(try workplace.keras("weights", "verify") == Outcome(errors: nothing))
    #expect(try workplace.keras("weights", "verify", "vgg16") == Outcome(errors: nothing, code: 1))
    #expect(try workplace.keras("weights", "prune") == Outcome())
  }

  @Test func aCacheOfManyThings() throws {
    let whole = [UInt8](try Data(contentsOf: Fixtures.weights))
    let vgg = "vgg16_weights_tf_dim_ordering_tf_kernels.h5"
    try workplace.put(whole, at: "home/models/" + name)
    try workplace.put(whole, at: "home/models/" + vgg)
    try workplace.put([1, 2, 3], at: "home/models/mine.h5")
    try workplace.put([1, 2, 3], at: "home/models/mobilenet_1_0_224_tf.h5.part")
    try workplace.put([1], at: "home/models/mobilenet_1_0_224_tf.h5.bad")
    let models = workplace.models.path

    #expect(
      try workplace.keras("weights", "list").output == """
        file                                             size  model
        mine.h5                                           3 B  (other)
        mobilenet_1_0_224_tf.h5.bad                       1 B  (bad)
        mobilenet_1_0_224_tf.h5.part                      3 B  (unfinished)
        mobilenet_2_5_224_tf.h5                      158.1 kB  MobileNet
        vgg16_weights_tf_dim_ordering_tf_kernels.h5  158.1 kB  VGG16

        """)
    let lines = try workplace.keras("weights", "list", "--json").output.split(separator: "\n")
    #expect(
      lines.first == """
        {"bytes":3,"file":"mine.h5","kind":"other","path":"\(models)/mine.h5"}
        """)
    let start = #"{"bytes":158124,"file":"\#(vgg)","kind":"published","model":"VGG16","#
    #expect(lines.last?.hasPrefix(start) == true)

    let verified = try workplace.keras("weights", "verify")
    #expect(
      verified.output == """
        \(vgg): BAD
        \(name): ok (a whole HDF5 file; no hash is published)

        """)
    #expect(verified.errors.hasPrefix("error: \(vgg) is not the published file: "))
    #expect(verified.code == 1)

    #expect(
      try workplace.keras("weights", "prune")
        == Outcome(
          output: """
            removed \(models)/mobilenet_1_0_224_tf.h5.part (3 B)
            removed \(models)/mobilenet_1_0_224_tf.h5.bad (1 B)

            """))
    // Neither is known to be what was published.
    let all = try workplace.keras("weights", "prune", "--all")
    #expect(all.output == "")
    #expect(all.code == 0)
    let left = all.errors.split(separator: "\n")
    #expect(left.count == 2)
    #expect(left.first?.hasPrefix("left \(models)/\(vgg): it may be somebody's own: expected MD5 ") == true)
    let reason = "it may be somebody's own: no hash is published, and the store did not fetch it"
    #expect(left.last.map(String.init) == "left \(models)/\(name): \(reason)")
    let names = try FileManager.default.contentsOfDirectory(atPath: models)
    #expect(names.filter { !$0.hasPrefix(".") }.sorted() == ["mine.h5", name, vgg])
  }

  @Test func offlineSaysWhereTheFileBelongs() throws {
    let message = """
      error: \(name) is not in the cache, and the store is offline.
        try: fetch https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/\(name) and put it \
      at \(path), or leave out --offline and KERAS_OFFLINE.

      """
    #expect(
      try workplace.keras("weights", "fetch", "mobilenet", "--alpha", "0.25", "--offline")
        == Outcome(errors: message, code: 1))
    #expect(
      try workplace.keras(
        "weights", "fetch", "mobilenet", "--alpha", "0.25", environment: ["KERAS_OFFLINE": "1"])
        == Outcome(errors: message, code: 1))
  }

  @Test func aHomeThatCannotBeWritten() throws {
    let outcome = try workplace.keras(
      "weights", "fetch", "mobilenet", "--alpha", "0.25",
      environment: ["KERAS_HOME": "/proc/keras", "KERAS_WEIGHTS_BASE_URL": "/nowhere"])
    #expect(
      outcome
        == Outcome(
          errors: """
            error: Cannot make the folder /proc/keras: No such file or directory.
              try: set KERAS_HOME to a folder that can be written.

            """,
          code: 1))
  }
}

/// Weights from a server on this machine.
@Suite struct FetchingTests {
  let workplace: Workplace
  let name = "mobilenet_2_5_224_tf.h5"
  let fetch = ["weights", "fetch", "mobilenet", "--alpha", "0.25"]
  var path: String { workplace.models.path + "/" + name }

  init() throws { workplace = try Workplace() }

  @Test func fetchesIntoTheCache() throws {
    let bytes = [UInt8](try Data(contentsOf: Fixtures.weights))
    let server = try LoopbackServer { request in
      request.path == "/mobilenet/mobilenet_2_5_224_tf.h5" ? .ok(bytes) : .status(404)
    }
    let mirror = ["KERAS_WEIGHTS_BASE_URL": server.url]
    #expect(try workplace.start(fetch, environment: mirror).outcome() == Outcome(output: path + "\n"))
    #expect(FileManager.default.contents(atPath: path) == Data(bytes))
    // The second time nothing is asked.
    #expect(try workplace.start(fetch, environment: mirror).outcome() == Outcome(output: path + "\n"))
    #expect(server.requests.count == 1)
  }

  @Test func twoProcessesFetchOnce() throws {
    let bytes = [UInt8](try Data(contentsOf: Fixtures.weights))
    let server = try LoopbackServer { _ in
      var response = LoopbackServer.Response.ok(bytes)
      response.pauseAfter = 1000
      return response
    }
    let mirror = ["KERAS_WEIGHTS_BASE_URL": server.url]
    let first = try workplace.start(fetch, environment: mirror)
    try waitUntil { !server.requests.isEmpty }
    let second = try workplace.start(fetch, environment: mirror)
    try waitUntil { second.errors.hasPrefix("\(name): waiting for process ") }
    server.resume()
    #expect(try first.outcome() == Outcome(output: path + "\n"))
    let outcome = try second.outcome()
    #expect(outcome.output == path + "\n")
    #expect(outcome.errors.hasPrefix("\(name): waiting for process "))
    #expect(server.requests.count == 1)
  }

  @Test func goesOnAfterBeingKilled() throws {
    let bytes = [UInt8](try Data(contentsOf: Fixtures.weights))
    let server = try LoopbackServer { request in
      var response = LoopbackServer.Response.ok(bytes)
      response.headers["ETag"] = "\"1\""
      if request.number == 0 { response.pauseAfter = 100_000 }
      return response
    }
    let mirror = ["KERAS_WEIGHTS_BASE_URL": server.url]
    let first = try workplace.start(fetch, environment: mirror)
    try waitUntil {
      let note = FileManager.default.contents(atPath: path + ".part.from") ?? Data()
      return String(decoding: note, as: UTF8.self).contains("\n100000\n")
    }
    first.kill()
    #expect(try first.outcome().code == -SIGKILL)
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try workplace.start(fetch, environment: mirror).outcome() == Outcome(output: path + "\n"))
    server.resume()
    #expect(server.requests.map(\.rangeStart) == [nil, 100_000])
    #expect(FileManager.default.contents(atPath: path) == Data(bytes))
  }

  /// The first thing anybody does, with real weights in an empty cache.
  @Test(.enabled(if: PackagePaths.shared != nil, PackagePaths.sharedIsAbsent))
  func classifiesWithPublishedWeights() throws {
    let shared = try #require(PackagePaths.shared)
    let bytes = [UInt8](try Data(contentsOf: shared.appending(path: "weights/\(name)")))
    let server = try LoopbackServer { _ in .ok(bytes) }
    let photo = shared.appending(path: "photos/n01440764_tench.JPEG").path
    let outcome = try workplace.keras(
      "classify", photo, "--alpha", "0.25", environment: ["KERAS_WEIGHTS_BASE_URL": server.url])
    #expect(
      outcome
        == Outcome(
          output: """
            \(photo)
                43.8 %  goldfish
                18.3 %  tench
                 3.0 %  rotisserie
                 2.7 %  hip
                 2.3 %  pomegranate

            """))
    #expect(
      try workplace.keras("weights", "verify").output
        == "\(name): ok (a whole HDF5 file, as it was fetched; no hash is published)\n")
  }

  /// Standard error is no terminal here.
  @Test func saysWhatHappensWhereThereIsNoTerminal() throws {
    let bytes = [UInt8](try Data(contentsOf: Fixtures.weights))
    let server = try LoopbackServer { request in
      if request.path.hasPrefix("/missing") { return .status(404) }
      var response = LoopbackServer.Response.ok(bytes)
      if request.number == 2 { response.cutAfter = 1000 }
      return response
    }
    try workplace.put([1, 2, 3], at: "home/models/" + name)
    let mirrors = ["KERAS_WEIGHTS_BASE_URL": "\(server.url)/missing?token=secret, \(server.url)"]
    let outcome = try workplace.start(fetch, environment: mirrors).outcome()
    let reason = "the server answered 404 (not found)"
    #expect(
      outcome
        == Outcome(
          output: path + "\n",
          errors: """
            \(server.url)/missing/mobilenet/\(name)?…: \(reason)
            \(server.url)/missing/\(name)?…: \(reason)
            \(name): the connection broke off after 1000 of \(bytes.count) bytes; trying again in \
            \(outcome.errors.contains("in 2 s") ? 2 : 1) s
            kept as \(path).kept: expected an HDF5 file, found something else

            """))
  }

  @Test func forceFetchesAgain() throws {
    let bytes = [UInt8](try Data(contentsOf: Fixtures.weights))
    let server = try LoopbackServer { _ in .ok(bytes) }
    let mirror = ["KERAS_WEIGHTS_BASE_URL": server.url]
    for arguments in [fetch, fetch + ["--force"]] {
      #expect(try workplace.start(arguments, environment: mirror).outcome() == Outcome(output: path + "\n"))
    }
    #expect(server.requests.count == 2)
    #expect(
      try workplace.start(fetch + ["--force", "--offline"]).outcome()
        == Outcome(
          errors: """
            error: \(name) is in the cache, but cannot be fetched again, and the store is offline.
              try: fetch https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/\(name) and put it \
            at \(path), or leave out --offline and KERAS_OFFLINE.

            """,
          code: 1))
  }
}
