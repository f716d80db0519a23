import ArgumentParser
import Keras

/// `keras weights`: the cache of published weights.
struct Weights: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch, list, check and remove published weights.",
    discussion: """
      They are kept in ~/.keras/models, where Python's Keras finds them, too; KERAS_HOME names another \
      folder than ~/.keras. KERAS_WEIGHTS_BASE_URL names mirrors (http, https or file URLs, or folders, \
      separated by commas) that are tried before the official address; KERAS_OFFLINE=1 forbids the network.

      EXAMPLES
        keras weights fetch resnet50
        keras weights fetch mobilenet --alpha 0.25 --image-size 128
        KERAS_WEIGHTS_BASE_URL=http://mirror.local/keras keras weights fetch vgg16
        keras weights verify
      """,
    subcommands: [Fetch.self, List.self, Verify.self, Path.self, Prune.self])

  /// Which of a model's files.
  struct FileOptions: ParsableArguments {
    @Argument(help: "The model; `keras models` lists them.", completion: .models)
    var model: String

    @Flag(help: "The file without the classifier.")
    var noTop = false

    @OptionGroup var variant: VariantOptions

    func file() throws(KerasError) -> WeightFile {
      let application = try variant.application(ModelCatalog.application(named: model))
      guard !variant.arguments.isEmpty else {
        return try WeightCatalog.file(
          for: application.name, includesTop: !noTop, alpha: variant.alpha, rows: variant.imageSize)
      }
      var settings = ApplicationSettings()
      settings.includeTop = !noTop
      if let side = try variant.side() { settings.inputShape = [side, side, 3] }
      return try application.weightFile(for: settings)
    }
  }

  struct Fetch: LibraryCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fetch a model's weights, unless they are here, and print where they are.",
      discussion: """
        A download that broke off is gone on with; a file has its name only when it is whole and checked. What \
        stands in its place and may be your own is kept beside, as <name>.kept.

        EXAMPLES
          keras weights fetch resnet50
          keras weights fetch resnet50 --force
          keras weights fetch vgg16 --no-top
        """)
    @OptionGroup var options: FileOptions
    @Flag(help: "Never use the network; say where a missing file belongs.")
    var offline = false
    @Flag(help: "Fetch again what is here already; it stays until the new file is whole and checked.")
    var force = false

    func perform() throws(KerasError) -> ExitCode {
      let store = makeStore(offline: offline)
      let file = try options.file()
      StandardOutput.print(force ? try store.fetch(file, replacing: true) : try store.path(for: file))
      return .success
    }
  }

  struct List: LibraryCommand {
    static let configuration = CommandConfiguration(
      abstract: "List what is in the cache.",
      discussion: """
        `unfinished` is a download that broke off, `bad` what came under a wrong hash, `other` what is not a \
        published file.

        EXAMPLES
          keras weights list
          keras weights list --json
        """)
    @Flag(help: "Print JSON, one object a line.")
    var json = false

    private struct Line: Encodable {
      let file: String
      let bytes: Int
      let path: String
      /// Present for published files.
      let model: String?
      let kind: String
    }

    func perform() throws(KerasError) -> ExitCode {
      let store = makeStore()
      var table = TextColumns([.left, .right, .left], rows: [["file", "size", "model"]])
      for file in store.list() {
        let (model, kind): (String?, String) =
          switch file.kind {
          case .published(let known): (known.model, "published")
          case .partial: (nil, "unfinished")
          case .bad: (nil, "bad")
          case .other: (nil, "other")
          }
        if json {
          let line = Line(file: file.name, bytes: file.byteCount, path: file.path, model: model, kind: kind)
          StandardOutput.print(try jsonLine(line))
        } else {
          table.rows.append([file.name.escaped, readableBytes(file.byteCount), model ?? "(\(kind))"])
        }
      }
      if json { return .success }
      if table.rows.count > 1 {
        table.print()
      } else {
        StandardError.print("Nothing is cached in \(store.home.path).")
      }
      return .success
    }
  }

  struct Verify: LibraryCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check cached weights against their published hashes.",
      discussion: """
        Every byte is read. Where no hash is published, the file must be a whole HDF5 file with nothing but \
        numbers in it, and unchanged since it was fetched. The exit code is 1 when a file is bad, or when a \
        model was named and none of its files is cached.

        EXAMPLES
          keras weights verify
          keras weights verify resnet50
        """)
    @Argument(help: "A model, such as resnet50; all by default.", completion: .models)
    var model: String?

    func perform() throws(KerasError) -> ExitCode {
      let files = if let model { try WeightCatalog.files(for: model) } else { WeightCatalog.all }
      let store = makeStore()
      var count = 0
      var isAllGood = true
      for file in files {
        do {
          let outcome =
            switch try store.verify(file) {
            case .hash(let hash): "ok (\(hash))"
            case .unchanged: "ok (a whole HDF5 file, as it was fetched; no hash is published)"
            case .structure: "ok (a whole HDF5 file; no hash is published)"
            }
          StandardOutput.print("\(file.fileName): \(outcome)")
        } catch  where error.kind == .fileNotFound {
          continue
        } catch {
          isAllGood = false
          StandardOutput.print("\(file.fileName): BAD")
          StandardError.print("error: \(error)")
        }
        count += 1
      }
      if count == 0 { StandardError.print("Nothing to check is cached in \(store.home.path).") }
      return isAllGood && (count > 0 || model == nil) ? .success : .failure
    }
  }

  struct Path: LibraryCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print where a model's weights are, or would be put.",
      discussion: """
        The exit code is 1 when the file is not there.

        EXAMPLES
          keras weights path mobilenet --alpha 0.25
          cp "$(keras weights path vgg16)" /media/stick
        """)
    @OptionGroup var options: FileOptions

    func perform() throws(KerasError) -> ExitCode {
      let store = makeStore()
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
      abstract: "Remove what downloads left behind: unfinished and bad files, stale locks.",
      discussion: """
        Files of other origin stay, also under a published name, and so does what another process is fetching. \
        The exit code is 1 when something cannot be removed.

        EXAMPLES
          keras weights prune
          keras weights prune --all
        """)
    @Flag(help: "Remove the published weights, too; they can be fetched again.")
    var all = false

    func perform() throws(KerasError) -> ExitCode {
      let outcome = makeStore().prune(all ? .everything : .leftovers)
      for file in outcome.removed {
        StandardOutput.print("removed \(file.path.escaped) (\(readableBytes(file.byteCount)))")
      }
      for remainder in outcome.left {
        StandardError.print("left \(remainder.path.escaped): \(remainder.reason.escaped)")
      }
      return outcome.left.contains(where: \.isFailure) ? .failure : .success
    }
  }
}
