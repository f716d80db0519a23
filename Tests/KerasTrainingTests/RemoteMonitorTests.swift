import KerasLoopbackServer
import KerasModels
import KerasTraining
import Synchronization
import Testing

/// Numbers of epochs on their way to a server.
@Suite struct RemoteMonitorTests {
  private func fit(_ monitor: Callback, epochs: Int = 2) throws -> (History, warnings: [String]) {
    let model = try FitTests.model()
    try model.compile(optimizer: .sgd(learningRate: 0.1), loss: .sparseCategoricalCrossentropy)
    let (x, y) = FitTests.data()
    let warnings = Mutex<[String]>([])
    let history = try Warnings.withHandler { warning in
      warnings.withLock { $0.append(warning) }
    } _: { () throws(KerasError) in
      try model.fit(x, y, epochs: epochs, callbacks: [monitor], verbosity: .silent)
    }
    return (history, warnings.withLock { $0 })
  }

  @Test func asAFieldOfAForm() throws {
    let server = try LoopbackServer { _ in .ok([]) }
    let (history, warnings) = try fit(.remoteMonitor(server.url))
    let requests = server.requests
    #expect(requests.map(\.method) == ["POST", "POST"] && warnings.isEmpty)
    #expect(requests.map(\.path) == ["/publish/epoch/end/", "/publish/epoch/end/"])
    #expect(requests[0].headers["content-type"] == "application/x-www-form-urlencoded")
    let losses = try #require(history["loss"])
    for (epoch, request) in requests.enumerated() {
      #expect(request.body == "data=%7B%22epoch%22%3A%20\(epoch)%2C%20%22loss%22%3A%20\(losses[epoch])%7D")
    }
  }

  @Test func asJSON() throws {
    let server = try LoopbackServer { _ in .ok(Array("thanks".utf8)) }
    let (history, _) = try fit(
      RemoteMonitor(server.url, path: "/log", headers: ["X-Run": "7"], sendsJSON: true), epochs: 1)
    let request = try #require(server.requests.first)
    #expect(request.path == "/log" && request.headers["x-run"] == "7")
    #expect(request.headers["content-type"] == "application/json")
    #expect(request.body == "{\"epoch\": 0, \"loss\": \(try #require(history["loss"]?[0]))}")
  }

  /// Training goes on, and a warning says it once.
  @Test func nobodyAnswers() throws {
    let server = try LoopbackServer { _ in .status(503) }
    let address = server.url + "/publish/epoch/end/"
    let (_, refused) = try fit(.remoteMonitor(server.url))
    #expect(refused == ["The numbers of the epoch were not taken by \(address): it answers with status 503."])
    server.stop()
    let (history, warnings) = try fit(.remoteMonitor(server.url))
    #expect(history.epochs == [0, 1] && warnings.count == 1)
    #expect(warnings.first?.hasPrefix("The numbers of the epoch were not taken by \(address): ") == true)
    let (_, other) = try fit(.remoteMonitor("file:///tmp"), epochs: 1)
    #expect(other.count == 1)
  }

  @Test func warningsShowNoSecrets() throws {
    let server = try LoopbackServer { _ in .status(503) }
    let address = server.url.replacing("http://", with: "http://me:secret@")
    let (_, refused) = try fit(.remoteMonitor(address), epochs: 1)
    server.stop()
    let (_, unreached) = try fit(.remoteMonitor(address), epochs: 1)
    #expect(refused.count == 1 && unreached.count == 1)
    #expect(!(refused + unreached).contains { $0.contains("secret") })
  }

  @Test func headersAreLines() throws {
    let error = #expect(throws: KerasError.self) {
      try fit(RemoteMonitor("http://127.0.0.1:1", headers: ["X-Run": "7\r\nX-Other: 8"]))
    }
    #expect(error?.what == "A header of a request is one line, found X-Run: 7\\r\\nX-Other: 8.")
  }
}
