import ArgumentParser
import Keras

// What shells offer after TAB.

extension CompletionKind {
  static var models: CompletionKind { .list(ModelCatalog.all.map(\.identifier)) }

  static var passes: CompletionKind {
    let names = Backends.all[0].pipeline.passes.map(\.name)
    return .list(["none"] + Set(names).sorted())
  }

  /// Models of the catalogue, and files.
  static var modelsAndFiles: CompletionKind {
    .custom { _, _, prefix in
      ModelCatalog.all.map(\.identifier).filter { $0.hasPrefix(prefix) } + files(startingWith: prefix)
    }
  }
}

/// Files and folders whose paths begin with `prefix`, as shells list them.
private func files(startingWith prefix: String) -> [String] {
  let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
  let start = prefix.dropFirst(folder.count)
  let names = (names(inFolder: folder.isEmpty ? "." : folder) ?? [])
    .filter { $0.hasPrefix(start) && (start.hasPrefix(".") || !$0.hasPrefix(".")) }
  return names.sorted().map { isFolder(folder + $0) ? folder + $0 + "/" : folder + $0 }
}
