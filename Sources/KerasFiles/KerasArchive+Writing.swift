import Glibc
import KerasCore

extension KerasArchive {
  /// What Keras writes beside a model: the version of the format, and the time of day.
  package static func currentMetadata() -> JSON {
    var now = time(nil)
    var parts = tm()
    localtime_r(&now, &parts)
    var text = [CChar](repeating: 0, count: 64)
    strftime(&text, text.count, "%Y-%m-%d@%H:%M:%S", &parts)
    let date = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return ["keras_version": .string(KerasFormat.version), "date_saved": .string(date)]
  }

  /// Writes the archive as `.keras`, beside `path`, and renames it.
  ///
  /// The weights begin at a multiple of 64 in the file, so that they can be used where they are.
  ///
  /// - Throws: `invalidArgument` for names that cannot be stored; `fileAccess`; `libraryFailure`; what reading
  ///   the weights throws.
  package func write(to path: String) throws(KerasError) {
    try checkAssetNames()
    let texts = (metadata: Array(metadata.text().utf8), config: Array(config.text().utf8))
    let draft = try weights.draft()
    try writeFile(at: path) { (file) throws(KerasError) in
      try draft.withImage { (image) throws(KerasError) in
        // The first pass only counts; spaces behind the configuration then make up for the rest.
        let counter = try ZipWriter { (_) throws(KerasError) in }
        try Self.begin(counter, texts, image.count)
        let padding = [UInt8](repeating: UInt8(ascii: " "), count: (64 - counter.byteCount % 64) % 64)

        let zip = try ZipWriter { (bytes) throws(KerasError) in try file.append(bytes) }
        try Self.begin(zip, (texts.metadata, texts.config + padding), image.count)
        try zip.write(image)
        if let supplement { try zip.add(MemberName.supplement, Array(supplement.text().utf8)) }
        for (path, bytes) in assets.sorted(by: { $0.key < $1.key }) {
          try zip.add(MemberName.assets + path, bytes)
        }
        try zip.finish()
      }
    }
  }

  private static func begin(
    _ zip: ZipWriter, _ texts: (metadata: [UInt8], config: [UInt8]), _ weightsByteCount: Int
  ) throws(KerasError) {
    try zip.add(MemberName.metadata, texts.metadata)
    try zip.add(MemberName.config, texts.config)
    try zip.begin(MemberName.weights, byteCount: weightsByteCount)
  }

  /// Writes the same files into a folder, which is made when it is not there; each file is replaced whole.
  ///
  /// - Throws: as ``write(to:)``.
  package func write(toFolder path: String) throws(KerasError) {
    try checkAssetNames()
    try makeFolder(path)
    let texts = [
      (MemberName.metadata, metadata), (MemberName.config, config), (MemberName.supplement, supplement),
    ]
    for case (let name, let json?) in texts {
      try write(Array(json.text().utf8), to: "\(path)/\(name)")
    }
    try weights.write(toWeightsPath: "\(path)/\(MemberName.weights)")
    for (name, bytes) in assets {
      var folder = path + "/assets"
      try makeFolder(folder)
      for part in name.split(separator: "/").dropLast() {
        folder += "/" + part
        try makeFolder(folder)
      }
      try write(bytes, to: "\(path)/\(MemberName.assets)\(name)")
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws(KerasError) {
    try writeFile(at: path) { (file) throws(KerasError) in try file.append(bytes) }
  }

  private func makeFolder(_ path: String) throws(KerasError) {
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw cannotWrite(path, errno) }
  }

  private func checkAssetNames() throws(KerasError) {
    for name in assets.keys where !ZipFile.isProper(name) {
      throw KerasError(.invalidArgument, "An asset cannot be called \(name.escaped).")
    }
  }
}
