import Keras

/// Pictures in folders that are called what they show, as Keras' `image_dataset_from_directory` reads them: a class for
/// each folder, sorted by name.
struct ClassFolders {
  struct Sample: Sendable {
    let file: FileName
    /// Which of ``names``.
    let label: Int
  }

  let path: String
  /// The folders' names.
  let names: [String]
  /// Class by class, each sorted.
  let samples: [Sample]
  /// What lies there but cannot be read.
  let failures: [KerasError]

  /// - Throws: `fileNotFound` or `fileAccess` for a folder that is not there, holds no folders, or of which one holds no
  ///   pictures.
  init(_ path: String) throws(KerasError) {
    let folder = FileName(argument: path)
    guard let found = visibleNames(in: folder) else {
      throw KerasError(
        isFolder(path) ? .fileAccess : .fileNotFound,
        "Expected a folder with a folder of pictures for each class; \(folder.text.escaped) is none that can be read."
      )
    }
    var names: [String] = []
    var samples: [Sample] = []
    var failures: [KerasError] = []
    // Sorted by bytes, as Python sorts names.
    for bytes in found.reversed() {
      let place = folder.appending(bytes)
      guard isFolder(place.text) || !place.isText else { continue }
      guard place.isText else {
        throw KerasError(
          .unsupported, "The name \(place.text) is not UTF-8, which names of classes must be.",
          remedy: "rename the folder.")
      }
      var (files, errors): ([FileName], [KerasError]) = ([], [])
      for picture in PictureWalk([place.text]) {
        switch picture {
        case .file(let file): files.append(file)
        case .unreadable(_, let error): errors.append(error)
        case .standardInput: break
        }
      }
      guard !files.isEmpty else {
        throw errors.first
          ?? KerasError(.fileNotFound, "The folder holds no pictures.", path: [place.text])
      }
      samples += files.map { Sample(file: $0, label: names.count) }
      failures += errors
      names.append(String(decoding: bytes, as: UTF8.self))
    }
    guard !names.isEmpty else {
      throw KerasError(
        .fileNotFound, "\(folder.text.escaped) holds no folders: pictures lie in a folder for each class.")
    }
    (self.path, self.names, self.samples, self.failures) = (path, names, samples, failures)
  }

  /// The number of each folder's class among a model's.
  ///
  /// - Parameter model: by its labels' names or ids; without labels, its classes are the folders, in order.
  /// - Throws: `unknownName` for a folder that is called as no class, with the nearest; `invalidArgument` where numbers of
  ///   folders and classes differ, and for a name that several classes have.
  func classes(of model: ImageModel) throws(KerasError) -> [Int] {
    guard let labels = model.labels else {
      guard let count = model.classCount, count == names.count else {
        throw KerasError(
          .invalidArgument,
          "\(path.escaped) holds \(counted(names.count, "class folder")); the model tells "
            + "\(model.classCount ?? 0) classes apart, and does not say what they are called.",
          remedy: "make a folder for each class, or name the classes with --labels.")
      }
      return Array(names.indices)
    }
    return try names.map { name throws(KerasError) in
      if let index = labels.firstIndex(where: { $0.id == name }) { return index }
      let places = labels.indices.filter { labels[$0].name == name }
      if let only = places.first, places.count == 1 { return only }
      guard places.isEmpty else {
        throw KerasError(
          .invalidArgument, "\(counted(places.count, "class", "classes")) are called `\(name.escaped)`.",
          path: [path],
          remedy: "call the folder by the id: \(places.map { labels[$0].id }.joined(separator: " or ")).")
      }
      let nearest = nearestNames(to: name, among: labels.map(\.name))
      throw KerasError(
        .unknownName, "The model knows no class called `\(name.escaped)`.", path: [path],
        remedy: nearest.isEmpty ? nil : "did you mean \(nearest.joined(separator: ", "))?")
    }
  }

  /// Some of each class for validation, which `seed` chooses, and the rest.
  ///
  /// - Parameter share: between 0 and 1; of every class at least one picture is kept for each part.
  /// - Throws: `invalidArgument` for a class of one picture.
  func split(share: Double, seed: UInt64) throws(KerasError) -> (training: [Sample], validation: [Sample]) {
    var parts: (training: [Sample], validation: [Sample]) = ([], [])
    for (label, name) in names.enumerated() {
      let samples = samples.filter { $0.label == label }
      guard samples.count > 1 else {
        throw KerasError(
          .invalidArgument, "The folder holds one picture, of which none can be kept for validation.",
          path: [joined(path, name)], remedy: "add pictures, or name a folder of others with --validation.")
      }
      let count = min(max(Int((Double(samples.count) * share).rounded()), 1), samples.count - 1)
      let order = shuffled(samples.count, seed: seed, stream: UInt64(label))
      let held = Set(order.prefix(count))
      for (index, sample) in samples.enumerated() {
        if held.contains(index) { parts.validation.append(sample) } else { parts.training.append(sample) }
      }
    }
    return parts
  }
}
