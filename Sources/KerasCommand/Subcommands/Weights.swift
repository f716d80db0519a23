import ArgumentParser
import Keras

/// `keras weights`: the cache of published weights.
struct Weights: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch, list, check and remove published weights.",
    discussion: """
      KERAS_WEIGHTS_BASE_URL names mirrors (http, https or file URLs, or folders) that are tried first; \
      KERAS_OFFLINE=1 forbids the network.
      """,
    subcommands: [Fetch.self, List.self, Verify.self, Path.self, Prune.self])

  /// Which of a model's files.
  struct FileOptions: ParsableArguments {
    @Argument(help: "The model, such as resnet50.")
    var model: String

    @Flag(help: "The file without the classifier.")
    var noTop = false

    @Option(help: "MobileNet's width: 0.25, 0.5, 0.75 or 1.")
    var alpha: Double?

    @Option(help: "The picture size MobileNet's weights are for: 128, 160, 192 or 224.")
    var size: Int?

    func file() throws(KerasError) -> WeightFile {
      try WeightCatalog.file(for: model, includesTop: !noTop, alpha: alpha, rows: size)
    }
  }

  struct Fetch: LibraryCommand {
    static let configuration = CommandConfiguration(abstract: "Fetch a model's weights, unless they are here.")
    @OptionGroup var options: FileOptions
    @Flag(help: "Never use the network.")
    var offline = false

    func perform() throws(KerasError) -> ExitCode {
      StandardOutput.print(try makeStore(offline: offline).path(for: options.file()))
      return .success
    }
  }

  struct List: LibraryCommand {
    static let configuration = CommandConfiguration(abstract: "List what is in the cache.")
    @Flag(help: "Print JSON, one object a line.")
    var json = false

    private struct Line: Encodable {
      let file: String
      let bytes: Int
      let path: String
      let model: String?
    }

    func perform() throws(KerasError) -> ExitCode {
      var table = TextTable([("file", .left), ("size", .right), ("model", .left)])
      let files = makeStore(offline: true).list()
      for file in files {
        let model: String? = if case .published(let known) = file.kind { known.model } else { nil }
        if json {
          StandardOutput.print(
            try jsonLine(Line(file: file.name, bytes: file.byteCount, path: file.path, model: model)))
        } else {
          table.append([file.name, readableBytes(file.byteCount), model ?? "-"])
        }
      }
      if !json, !files.isEmpty { StandardOutput.print(table.lines.joined(separator: "\n")) }
      return .success
    }
  }

  struct Verify: LibraryCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check cached weights against their published hashes.",
      discussion: "Without a model, everything that is cached is checked. The exit code is 1 when a file is bad.")
    @Argument(help: "A model, such as resnet50; all by default.")
    var model: String?

    func perform() throws(KerasError) -> ExitCode {
      let files = try model.map { name throws(KerasError) in try WeightCatalog.files(for: name) } ?? WeightCatalog.all
      let store = makeStore(offline: true)
      var isAllGood = true
      for file in files {
        do {
          let outcome =
            switch try store.verify(file) {
            case .hash(let hash): "ok (\(hash))"
            case .structure: "ok (a whole HDF5 file; no hash is published)"
            }
          StandardOutput.print("\(file.fileName): \(outcome)")
        } catch where error.kind == .fileNotFound {
          if model != nil { StandardOutput.print("\(file.fileName): not cached") }
        } catch {
          isAllGood = false
          StandardOutput.print("\(file.fileName): BAD")
          StandardError.print("error: \(error)")
        }
      }
      return isAllGood ? .success : .failure
    }
  }

  struct Path: LibraryCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print where a model's weights are, or would be put.",
      discussion: "The exit code is 1 when the file is not there.")
    @OptionGroup var options: FileOptions

    func perform() throws(KerasError) -> ExitCode {
      let store = makeStore(offline: true)
      let file = try options.file()
      if let path = try store.cachedPath(for: file) {
        StandardOutput.print(path)
        return .success
      }
      StandardOutput.print(store.placement(of: RemoteFile(file)))
      return .failure
    }
  }

  struct Prune: LibraryCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove what downloads left behind: parts, bad files, stale locks.")
    @Flag(help: "Remove the cached weights, too.")
    var all = false

    func perform() throws(KerasError) -> ExitCode {
      for file in try makeStore(offline: true).prune(all ? .everything : .leftovers) {
        StandardOutput.print("removed \(file.path) (\(readableBytes(file.byteCount)))")
      }
      return .success
    }
  }
}
