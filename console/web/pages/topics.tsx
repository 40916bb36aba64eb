import { useLive } from '../api.ts'
import { DataTable } from '../parts/data-table.tsx'
import { Loaded } from '../parts/states.tsx'

/** Every topic, with what it holds. */
export default function Topics() {
  const topics = useLive('topics.list', {}, 5_000)
  return (
    <>
      <h1>Topics</h1>
      <Loaded of={topics} empty="The broker has no topics yet: the data stack makes them.">
        {(rows) => (
          <DataTable
            label="Topics"
            rows={rows}
            keyOf={({ topic }) => topic}
            href={({ topic }) => `/topics/${topic}`}
            columns={[
              { name: 'Topic', cell: ({ topic }) => topic },
              { name: 'Partitions', width: 8, cell: ({ partitions }) => partitions, align: 'right' },
              { name: 'Replicas', width: 8, cell: ({ replicas }) => replicas, align: 'right' },
              {
                name: 'Records',
                width: 10,
                cell: ({ records }) => records.toLocaleString(),
                align: 'right',
              },
            ]}
          />
        )}
      </Loaded>
    </>
  )
}
