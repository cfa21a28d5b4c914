/** The file that "<file>" stands for in the variables; it is kept in this page only. */
export function FilePicker({ file, choose }) {
  return (
    <label className="picker file">
      <span>File</span>
      <input
        type="file"
        className={file ? "chosen" : undefined}
        aria-label="File for uploads"
        title='What "<file>" stands for in the variables'
        onChange={(event) => choose(event.target.files[0] ?? null)}
      />
      {file && <span className="size">{Math.ceil(file.size / 1024)} kB</span>}
    </label>
  );
}
